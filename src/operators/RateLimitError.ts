import type { StageErrorFields } from '../core/errors.ts';

/** What a {@link RateLimitError} is about. */
interface RateLimitErrorFields {
  readonly limit: number;
  readonly per: number;
  readonly burst: number;
  readonly key: unknown;
  readonly retryAfter: number;
  readonly reason: 'limit' | 'maxKeys';
}

/** More items came than `rateLimit` lets through, with `mode: 'reject'`. */
export class RateLimitError extends Error implements StageErrorFields {
  override readonly name = 'RateLimitError';
  readonly code = 'ERR_RATE_LIMIT';
  readonly stage: string;
  /** How many items may pass in `per` milliseconds, apart from the burst. */
  readonly limit: number;
  /** Milliseconds. */
  readonly per: number;
  /** How many items may pass besides. */
  readonly burst: number;
  /** The key that had too many, if there are keys. */
  readonly key: unknown;
  /** In how many milliseconds an item of this key may pass. */
  readonly retryAfter: number;
  /** Whether the key had too many items, or there were more keys than may be known at once. */
  readonly reason: 'limit' | 'maxKeys';

  constructor(stage: string, fields: RateLimitErrorFields) {
    const { limit, per, burst, retryAfter, reason } = fields;
    const what =
      reason === 'limit'
        ? `got more than ${limit} items in ${per} ms (burst: ${burst})`
        : 'got more keys at once than "maxKeys" allows';
    super(
      `Stage "${stage}" ${what}. Try again in ${Math.ceil(retryAfter)} ms, ` +
        "or use mode 'shape', which holds items and their source back, or 'drop'.",
    );
    this.stage = stage;
    this.limit = limit;
    this.per = per;
    this.burst = burst;
    this.key = fields.key;
    this.retryAfter = retryAfter;
    this.reason = reason;
  }
}
