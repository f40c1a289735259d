import type { StageErrorFields } from '../core/errors.ts';

/** A value was not taken because its channel is closed, or was closed while the value waited. `cause` is what it was failed with. */
export class ChannelClosedError extends Error implements StageErrorFields {
  override readonly name = 'ChannelClosedError';
  readonly code = 'ERR_CHANNEL_CLOSED';
  /** The name of the channel. */
  readonly stage: string;

  /** `failure` holds what the channel was failed with; leave it out if it was closed. */
  constructor(stage: string, failure?: { readonly error: unknown }) {
    super(
      `Channel "${stage}" is closed, so the value was not taken. Close it when every producer is done, or use trySend, which answers 'closed'.`,
      failure === undefined ? undefined : { cause: failure.error },
    );
    this.stage = stage;
  }
}
