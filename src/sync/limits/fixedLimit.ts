import { Limit } from '../../core/limit.ts';
import { checkCount } from '../../core/options.ts';

/**
 * Makes a limit that stays as it is.
 *
 * ```
 * current: 4 4 4 4 4 4 …     fixedLimit(4), whatever happens
 * ```
 *
 * For where a limit is asked for and the number is known: a flow that takes either this or `adaptive` by configuration, or a test.
 *
 * @example
 * ```ts
 * const limit = isTest ? fixedLimit(2) : adaptive({ max: 100 });
 * urls$.pipe(workerPool(fetchText, { concurrency: limit }));
 * ```
 *
 * It measures every item, for nothing: `concurrency: 4` does the same and costs less.
 *
 * @see `adaptive`, which finds the number.
 * @param concurrency How many items may run at once: an integer of 1 or more, or `Infinity`.
 * @throws TypeError or RangeError if it is none.
 */
export function fixedLimit(concurrency: number): Limit {
  return new Fixed(checkCount('fixedLimit', 'concurrency', concurrency, 1, true));
}

class Fixed extends Limit {
  override ended(): void {}
}
