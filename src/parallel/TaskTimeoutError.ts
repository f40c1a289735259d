import type { StageErrorFields } from '../core/errors.ts';

/** The work on one item took longer than `timeout`. Its thread was ended, and another has taken its place. */
export class TaskTimeoutError extends Error implements StageErrorFields {
  override readonly name = 'TaskTimeoutError';
  readonly code = 'ERR_TASK_TIMEOUT';
  readonly stage: string;
  /** The item's place in the input, from 0. */
  readonly index: number;
  /** Milliseconds that the work may take. */
  readonly timeout: number;
  /** How many times the work was tried. */
  readonly attempts: number;

  constructor(stage: string, index: number, timeout: number, attempts: number) {
    const tries = attempts === 1 ? '' : `, ${attempts} times`;
    super(
      `Stage "${stage}": item ${index} took longer than ${timeout} ms${tries}, so its thread was ended. ` +
        'Raise "timeout" if the work is meant to take so long.',
    );
    this.stage = stage;
    this.index = index;
    this.timeout = timeout;
    this.attempts = attempts;
  }
}
