import type { StageErrorFields } from '../core/errors.ts';

/** A source said nothing for too long although it was not held back. */
export class IdleTimeoutError extends Error implements StageErrorFields {
  override readonly name = 'IdleTimeoutError';
  readonly code = 'ERR_IDLE_TIMEOUT';
  readonly stage: string;
  /** Milliseconds for which the source may say nothing. */
  readonly timeout: number;

  constructor(stage: string, timeout: number) {
    super(
      `Stage "${stage}" got nothing for ${timeout} ms, although it was ready to take an item. ` +
        "Allow more time if the source is meant to be so slow, or subscribe again with retry, or end well with onIdle: 'complete'.",
    );
    this.stage = stage;
    this.timeout = timeout;
  }
}
