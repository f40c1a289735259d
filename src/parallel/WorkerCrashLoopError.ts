import { reasonOf, type StageErrorFields } from '../core/errors.ts';

/** Threads end again and again before they begin an item. No further one is started. */
export class WorkerCrashLoopError extends Error implements StageErrorFields {
  override readonly name = 'WorkerCrashLoopError';
  readonly code = 'ERR_WORKER_CRASH_LOOP';
  readonly stage: string;
  /** How many threads ended one after the other. */
  readonly crashes: number;

  constructor(stage: string, crashes: number, exitCode: number, cause?: unknown) {
    const last = cause === undefined ? `exit code ${exitCode}` : reasonOf(cause);
    super(
      `Stage "${stage}": ${crashes} threads ended one after the other without finishing an item (the last: ${last}). ` +
        "Look at what the task's module does when it is imported.",
      cause === undefined ? undefined : { cause },
    );
    this.stage = stage;
    this.crashes = crashes;
  }
}
