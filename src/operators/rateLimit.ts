import type { MonoTypeOperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { readFunction, readPositive } from '../core/readers.ts';
import { RateGauge } from './rateLimit/RateGauge.ts';
import { RateLimiter, type RateLimiterSettings } from './rateLimit/RateLimiter.ts';

/** The options of {@link rateLimit}. */
export interface RateLimitOptions<T> {
  /** How many items may pass in `per` milliseconds: an integer of 1 or more. They are spread evenly: one each `per / limit`. */
  limit: number;
  /** Milliseconds: a finite number of more than 0. */
  per: number;
  /** How many items may pass before their time, after a pause: an integer of 0 or more. Default 0. */
  burst?: number | undefined;
  /** Gives the key of an item: each key has a limit of its own. Keys are told apart as those of a `Map`. Called once an item. */
  key?: ((item: T) => unknown) | undefined;
  /** How many keys may be known at once: an integer of 1 or more. Default 10,000. */
  maxKeys?: number | undefined;
  /**
   * What becomes of an item that comes too soon. `'shape'` (default): it waits. `'reject'`: the flow fails with a `RateLimitError`.
   * `'drop'`: it is given up and counted.
   */
  mode?: 'shape' | 'reject' | 'drop' | undefined;
  /** How many items may wait with `'shape'`, those of all keys together: an integer of 1 or more. Default 1, with `key` 1,000. */
  capacity?: number | undefined;
  /**
   * With `'drop'`: called with every item given up, and whether its key had too many or there were too many keys. What it throws
   * ends the flow.
   */
  onDrop?: ((item: T, reason: 'limit' | 'maxKeys') => void) | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'rateLimit'`. */
  name?: string | undefined;
  /** How many items beyond those that may wait it takes from a source that cannot be paused. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Lets no more than so many items through in a given time, and holds the others and their source back.
 *
 * ```
 * source: a-b-c----d|      rateLimit({ limit: 1, per: 3 })
 * result: a--b--c--d|
 * ```
 *
 * - **Emits** each item as soon as its time has come: one each `per / limit` milliseconds, and up to `burst` before that if there
 *   were fewer for a while. Any `per` milliseconds see at most `limit + burst` items of a key, also where the gate below was
 *   closed in between. In order; with `key` in the order of each key.
 * - **Holds back** its source while `capacity` items wait. With `key` the others pass meanwhile: one key keeps the others waiting
 *   only once its items fill `capacity`, or while `maxKeys` keys are known and a new one comes.
 * - **Completes** when its source has completed and every item has left.
 * - **Errors** at once with its source; with `mode: 'reject'` at the first item that comes too soon, with a `RateLimitError`, whose
 *   `retryAfter` says when it would have passed. So a limit shared by callers is one subscription each call.
 *
 * It holds at most `capacity` items, with `'reject'` and `'drop'` at most one, and what it knows of `maxKeys` keys. A key is forgotten
 * when enough time has passed for a new one to be treated the same, which is looked for whenever a new key comes.
 *
 * @example
 * ```ts
 * requests$.pipe(
 *   rateLimit({ limit: 100, per: 60_000, burst: 10, key: ({ tenant }) => tenant }),
 *   workerPool(callApi, { concurrency: 10 }),
 * );
 * ```
 *
 * A timer has a grain of one millisecond and may be late: then an item leaves later, never earlier, and without a `burst` that
 * time is not made up for. Above some hundred items a second give a `burst` of what is to pass in some milliseconds. Every subscription
 * counts for itself.
 *
 * The algorithm is the generic cell rate algorithm of ITU-T I.371, which is a token bucket.
 *
 * @see `concurrency` of `workerPool`, which limits how many run at once and not how many begin in a second. `throttleTime` of RxJS, which
 * drops without telling. {@link shed}, which gives items up when the process has too much to do, and not by a rate.
 * @param options See {@link RateLimitOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function rateLimit<T>(options: RateLimitOptions<T>): MonoTypeOperatorFunction<T> {
  const settings = read(options);
  return operate((connection) => new RateLimiter<T>(connection, settings));
}

function read<T>(options: RateLimitOptions<T>): RateLimiterSettings<T> {
  const reader = new OptionReader<RateLimitOptions<T>>('rateLimit', options, KNOWN);
  const limit = reader.count('limit', 1, NaN);
  if (Number.isNaN(limit)) throw reader.wrong('limit', 'given: an integer of 1 or more', undefined);
  const per = readPositive(reader, 'per');
  if (per === undefined) throw reader.wrong('per', 'given: a finite number of milliseconds of more than 0', undefined);
  const key = readFunction(reader, 'key');
  const mode = reader.oneOf('mode', ['shape', 'reject', 'drop'], 'shape');
  const capacity = reader.count('capacity', 1, key === undefined ? 1 : 1_000, true);
  const name = reader.stageName('rateLimit');
  return {
    limit,
    per,
    burst: reader.count('burst', 0, 0),
    key,
    maxKeys: reader.count('maxKeys', 1, 10_000),
    mode,
    onDrop: readFunction(reader, 'onDrop'),
    name,
    gauge: new RateGauge(name),
    bound: mode === 'shape' ? capacity : 1,
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
  };
}

const KNOWN = [
  'limit',
  'per',
  'burst',
  'key',
  'maxKeys',
  'mode',
  'capacity',
  'onDrop',
  'name',
  'overflowLimit',
] as const;
