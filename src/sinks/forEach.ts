import type { OperatorFunction } from 'rxjs';
import { execute, type StageOutput } from '../core/execute.ts';
import { nameOf } from '../core/nameOf.ts';
import { gather, type BatchOptions } from '../core/operateBatch.ts';
import { pool } from '../core/operatePool.ts';
import { checkFunction, isOptions, OptionReader, type DeadLetterTarget, type StageOptions } from '../core/options.ts';
import type { ItemContext } from '../core/slot.ts';

/** The options of {@link forEach}. */
export interface ForEachOptions<T> extends Omit<StageOptions<T>, 'order' | 'onError'> {
  /**
   * What becomes of an item whose work fails. `'stop'` (default): the others are cancelled and the error ends the flow.
   * `'skip'`: it is left out and counted. `{ deadLetter }`: it is handed over; if that fails, the flow stops with a
   * `DeadLetterError`. With `batch` the item is the whole batch.
   */
  onError?: 'stop' | 'skip' | { deadLetter: DeadLetterTarget<T> } | undefined;
}

/** The options of {@link forEach} where the function takes batches. */
export interface ForEachBatchOptions<T> extends ForEachOptions<T[]> {
  /** How items are gathered into batches, as the operator `batch` does. */
  batch: BatchOptions<T>;
}

/**
 * Calls a function with each item, or each batch of items, and waits for the promise that it returns.
 *
 * ```
 * source: a--b--c|
 * work:   aaaa|            forEach(fn), where fn takes four frames
 *             bbbb|
 *                 cccc|
 * result: ------------|
 * ```
 *
 * - **Emits** nothing. What the function gives back is waited for (a promise, or all of an Observable or async
 *   iterable) and then forgotten.
 * - **Holds back** its source while `concurrency` items run and `capacity` wait.
 * - **Completes** when its source has completed and the work on every item is done.
 * - **Errors** at once with its source, and with the first failure of the function, unless `onError` says otherwise.
 *   Then, and on unsubscribe, what still runs is cancelled: its `signal` aborts.
 *
 * It holds at most `concurrency + capacity` items; with `batch` that many batches, and one that is being filled.
 *
 * With `batch` the function takes arrays, and an array is what succeeds or fails: under `onError: 'skip'` one failure
 * leaves the whole batch out, and a dead letter gets the whole batch as its `item`. A function that knows which rows
 * were bad does best to deal with them itself.
 *
 * @example
 * ```ts
 * const saved = rows$.pipe(forEach((rows) => db.insert(rows), { concurrency: 2, batch: { size: 500, wait: 200 } }));
 * await lastValueFrom(saved, { defaultValue: undefined }); // or: await run(saved).done
 * ```
 *
 * Costs what `workerPool` costs. For work that is done when the function returns, stock `tap` is cheaper.
 *
 * @see `workerPool`, which is the same and passes results on. `tap` of RxJS, which does not wait. The method `forEach`
 * of an Observable, which does not wait either and holds nothing back.
 * @param fn Called with the item (or the batch) and its {@link ItemContext}.
 * @param options See {@link ForEachOptions} and {@link ForEachBatchOptions}.
 * @throws TypeError or RangeError if `fn` is no function or an option is wrong.
 */
export function forEach<T>(
  fn: (items: T[], context: ItemContext) => unknown,
  options: ForEachBatchOptions<T>,
): OperatorFunction<T, never>;
export function forEach<T>(
  fn: (item: T, context: ItemContext) => unknown,
  options?: ForEachOptions<T>,
): OperatorFunction<T, never>;
export function forEach<T>(
  fn: (item: never, context: ItemContext) => unknown,
  options: ForEachOptions<T> | ForEachBatchOptions<T> = {},
): OperatorFunction<T, never> {
  checkFunction('forEach', 'fn', fn);
  const read = new OptionReader<Partial<ForEachBatchOptions<T>>>('forEach', options as object, OPTIONS);
  const stage = Object.fromEntries([...read.values].filter(([key]) => key !== 'batch'));
  const batching = read.get('batch');
  const work = <I>() => {
    const executor = execute(fn as (item: I, context: ItemContext) => StageOutput<never>, true);
    return pool<I, never>('forEach', nameOf(fn), stage, executor, ['stop', 'skip']);
  };
  if (batching === undefined) return work<T>();
  if (!isOptions(batching)) throw read.wrong('batch', 'an object', batching);
  const batches = gather('forEach', batching);
  const save = work<T[]>();
  return (source) => source.pipe(batches, save);
}

const OPTIONS = ['name', 'concurrency', 'capacity', 'onError', 'overflowLimit', 'batch'] as const;
