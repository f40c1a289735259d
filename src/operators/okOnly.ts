import type { OperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import type { Result } from '../core/options.ts';

/**
 * Keeps the values of results that are `ok` and leaves the failures out.
 *
 * ```
 * source: a-e-b-|     (e: { ok: false })
 * result: a---b-|     (a, b: the values)
 * ```
 *
 * - **Emits** the value of each result that is `ok`.
 * - **Holds back** never by itself: it holds nothing, and the gate below it reaches through.
 * - **Completes** and **errors** with its source.
 *
 * @example
 * ```ts
 * urls$.pipe(workerPool(fetchPage, { concurrency: 8, onError: 'emit' }), okOnly());
 * ```
 *
 * @see {@link splitResults}, which lets the failures go a way of their own. `onError: 'skip'` leaves failures out in the
 * stage itself, which costs less.
 */
export function okOnly<T, I>(): OperatorFunction<Result<T, I>, T> {
  return operate(({ out }) => ({
    next(result) {
      if (result.ok) out.next(result.value);
    },
  }));
}
