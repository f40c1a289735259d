import { reasonOf, type StageErrorFields } from '../core/errors.ts';

/** A thread ended while it worked on an item, as often as the stage tries (`retries` and once more). The other items went on. */
export class WorkerCrashedError extends Error implements StageErrorFields {
  override readonly name = 'WorkerCrashedError';
  readonly code = 'ERR_WORKER_CRASHED';
  readonly stage: string;
  /** The item's place in the input, from 0. */
  readonly index: number;
  /** What the thread ended with: the argument of `process.exit()`, or 1 after an error. */
  readonly exitCode: number;
  /** How many times the work was tried. */
  readonly attempts: number;

  constructor(stage: string, index: number, exitCode: number, attempts: number, cause?: unknown) {
    super(
      `Stage "${stage}": ${attempts === 1 ? 'a thread' : `${attempts} threads`} ended at item ${index}: ${why(exitCode, cause)}`,
      cause === undefined ? undefined : { cause },
    );
    this.stage = stage;
    this.index = index;
    this.exitCode = exitCode;
    this.attempts = attempts;
  }
}

function why(exitCode: number, cause: unknown): string {
  if (cause === undefined) return `it called process.exit(${exitCode}), or was ended from outside.`;
  // A task may throw null, too.
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return `${reasonOf(cause)}. Raise "resourceLimits" ({ maxOldGenerationSizeMb }), or give the task less at once.`;
  }
  return reasonOf(cause);
}
