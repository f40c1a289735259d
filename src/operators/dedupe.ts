import type { MonoTypeOperatorFunction } from 'rxjs';
import { outOfRange } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { readDuration, readFunction } from '../core/readers.ts';
import { Deduper, type DeduperSettings } from './dedupe/Deduper.ts';

/** The options of {@link dedupe}. */
export interface DedupeOptions<T> {
  /** Gives the key of an item. Keys are told apart as those of a `Map`. Called once an item. Default: the item itself. */
  key?: ((item: T) => unknown) | undefined;
  /** How many keys are remembered: an integer from 1 to 8388608. Beyond that the one is forgotten that did not come for longest. */
  max: number;
  /** For how many milliseconds a key is remembered after the item that was let through: 0 to 2147483647. Default: until `max`. */
  ttl?: number | undefined;
  /** Called with every item given up. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'duplicate') => void) | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'dedupe'`. */
  name?: string | undefined;
  /** How many items beyond the one that may be held it takes from a source that cannot be paused. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Lets each key through once, as far as it remembers.
 *
 * ```
 * source: aabab-c-|      dedupe({ max: 1000 })
 * result: a-b---c-|
 * ```
 *
 * - **Emits** an item at once if none with its key has come before, or that one was forgotten: because `max` other keys have come
 *   since, or after `ttl` milliseconds.
 * - **Gives up** every other item, also while the gate below is closed. It is counted as dropped and told to `onDrop`.
 * - **Holds back** its source while an item waits for the gate below.
 * - **Completes** and **errors** with its source; errors also with what `key` or `onDrop` throws.
 *
 * It holds at most one item, and `max` keys. A duplicate makes its key one that has just come, but it does not begin `ttl` anew: what comes
 * all the time is let through once every `ttl` milliseconds.
 *
 * @example
 * ```ts
 * links$.pipe(dedupe({ key: ({ href }) => href, max: 100_000 }), workerPool(fetchPage, { concurrency: 8 }));
 * ```
 *
 * Room for `max` keys is made at once, about 30 bytes each. What is remembered ends with the subscription.
 *
 * @see `distinct` of RxJS, which remembers every key for ever. `distinctUntilChanged`, which remembers only the last. The store is the
 * package `lru-cache`.
 * @param options See {@link DedupeOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function dedupe<T>(options: DedupeOptions<T>): MonoTypeOperatorFunction<T> {
  const settings = read(options);
  return operate((connection) => new Deduper<T>(connection, settings));
}

function read<T>(options: DedupeOptions<T>): DeduperSettings<T> {
  const reader = new OptionReader<DedupeOptions<T>>('dedupe', options, KNOWN);
  const max = reader.count('max', 1, NaN);
  if (Number.isNaN(max)) throw reader.wrong('max', `given: ${RULE}`, undefined);
  if (max > MOST_KEYS) throw outOfRange('dedupe', 'max', RULE, max);
  return {
    name: reader.stageName('dedupe'),
    key: readFunction(reader, 'key'),
    max,
    ttl: readDuration(reader, 'ttl') ?? Infinity,
    onDrop: readFunction(reader, 'onDrop'),
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
  };
}

const KNOWN = ['key', 'max', 'ttl', 'onDrop', 'name', 'overflowLimit'] as const;
/** A `Map` has room for twice as many, and needs it where each new key takes the place of an old one. */
const MOST_KEYS = 2 ** 23;
const RULE = `an integer from 1 to ${MOST_KEYS}`;
