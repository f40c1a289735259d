import type { StageErrorFields } from '../core/errors.ts';

/** A subscription took longer than it may take in all. */
export class DeadlineExceededError extends Error implements StageErrorFields {
  override readonly name = 'DeadlineExceededError';
  readonly code = 'ERR_DEADLINE_EXCEEDED';
  readonly stage: string;
  /** Milliseconds that the subscription may take. */
  readonly deadline: number;

  constructor(stage: string, deadline: number) {
    super(
      `Stage "${stage}" has not completed within ${deadline} ms, so everything above it was unsubscribed. ` +
        'Allow more time, or do less in one subscription.',
    );
    this.stage = stage;
    this.deadline = deadline;
  }
}
