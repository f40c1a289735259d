import type { OperatorFunction } from 'rxjs';
import { gather, type BatchOptions } from '../core/operateBatch.ts';

export type { BatchOptions };

/**
 * Gathers items into arrays, by number, weight and time, whichever comes first.
 *
 * ```
 * source: a-b-c----d-|      batch({ size: 2, wait: 3 })
 * result: --x----y---(z|)   x: [a, b]  y: [c]  z: [d]
 * ```
 *
 * - **Emits** a batch when it has `size` items, when the next item would make it heavier than `weight`, `wait`
 *   milliseconds after its first item, and what is left when the source completes. Never an empty one.
 * - **Holds back** its source while a full batch waits for the gate below. A batch whose time is up meanwhile goes on filling.
 * - **Completes** with its source, after the last batch.
 * - **Errors** at once with its source, and with what `weigh` throws.
 *
 * It holds at most `size` items, and one more where `weigh` is used.
 *
 * @example
 * ```ts
 * rows$.pipe(batch({ size: 500, wait: 200 }), workerPool((rows) => db.insert(rows), { concurrency: 2 }));
 * ```
 *
 * @see `bufferCount` and `bufferTime` of RxJS: the first never emits by time, and the second goes on emitting while the
 * stage below holds back.
 * @param options See {@link BatchOptions}.
 * @throws TypeError or RangeError if an option is wrong, or only one of `weigh` and `weight` is given.
 */
export function batch<T>(options: BatchOptions<T>): OperatorFunction<T, T[]> {
  return gather('batch', options);
}
