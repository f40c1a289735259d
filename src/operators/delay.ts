import type { MonoTypeOperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { checkDuration } from './checkDuration.ts';
import { Delayer } from './delay/Delayer.ts';

/** The options of {@link delay}. */
export interface DelayOptions {
  /** How many items may be under way at once: an integer of 1 or more, or `Infinity`. Default 1,000. */
  capacity?: number | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'delay'`. */
  name?: string | undefined;
  /** How many items beyond `capacity` it takes from a source that cannot be paused. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Shifts everything in time by so many milliseconds, and holds its source back while too much is under way.
 *
 * ```
 * source: a-b---|        delay(2)
 * result: --a-b---|
 * ```
 *
 * - **Emits** each item `ms` milliseconds after it came, or later, when the gate below opens. In order. With 0 it passes at once.
 * - **Holds back** its source while it holds `capacity` items: so no more than that pass in any `ms` milliseconds.
 * - **Completes** `ms` milliseconds after its source has completed, when every item has left.
 * - **Errors** at once with its source.
 *
 * It holds at most `capacity` items.
 *
 * @example
 * ```ts
 * fromIterable(rows).pipe(delay(500, { capacity: 50 }), workerPool(store));
 * ```
 *
 * @see `delay` of RxJS, which holds whatever comes, however much that is, and sends it also to a stage that holds back.
 * {@link rateLimit}, which puts time between items.
 * @param ms Milliseconds: 0 to 2147483647.
 * @param options See {@link DelayOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function delay<T>(ms: number, options: DelayOptions = {}): MonoTypeOperatorFunction<T> {
  const duration = checkDuration('delay', 'ms', ms);
  const reader = new OptionReader<DelayOptions>('delay', options, ['capacity', 'name', 'overflowLimit']);
  const settings = {
    name: reader.stageName('delay'),
    duration,
    bound: reader.count('capacity', 1, 1_000, true),
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
  };
  return operate((connection) => new Delayer<T>(connection, settings));
}
