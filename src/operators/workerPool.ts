import type { OperatorFunction } from 'rxjs';
import { execute, type StageOutput } from '../core/execute.ts';
import { pool } from '../core/operatePool.ts';
import { nameOf } from '../core/nameOf.ts';
import { checkFunction, type Result, type StageOptions } from '../core/options.ts';
import type { ItemContext } from '../core/slot.ts';

/**
 * Runs a function for each item, no more than `concurrency` at once, and holds its source back while it has enough to do.
 *
 * ```
 * source: a--b--c--|           workerPool((x) => timer(4).pipe(map(() => x)), { concurrency: 2 })
 * result: ----a--b--(c|)
 * ```
 *
 * - **Emits** what `fn` gives: a plain value (arrays and strings are one value), the value of a promise, or all values of an
 *   Observable or async iterable; as they come, or with `order: 'input'` in the order of the items.
 * - **Holds back** its source while it holds `concurrency + capacity` items: waiting, running, or finished and not yet taken.
 *   While the gate below it is closed it starts nothing new, and holds back an Observable or async iterable that `fn` gave.
 * - **Completes** when its source has completed and everything has left.
 * - **Errors** at once with its source. When `fn` throws or its result fails, `onError` decides; with `'stop'` the source is
 *   unsubscribed and all others are cancelled through `context.signal`, then the error goes down. Unsubscribing cancels them too.
 *
 * The bound holds for any number of items. A million items that finish synchronously neither grow the stack nor are lost.
 *
 * @example
 * ```ts
 * fromIterable(urls).pipe(
 *   workerPool(async (url, { signal }) => (await fetch(url, { signal })).text(), { concurrency: 10 }),
 * );
 * ```
 *
 * It costs some 100 ns an item more than hand-written loops. It does not use more than one core: for work that keeps the
 * processor busy it brings nothing.
 *
 * @see `mergeMap` of RxJS, which takes everything its source gives, however much is waiting, and takes arrays apart.
 * @param fn Called once for each item, with the item and its {@link ItemContext}.
 * @param options See {@link StageOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function workerPool<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: StageOptions<T> & { onError: 'emit' },
): OperatorFunction<T, Result<R, T>>;
export function workerPool<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options?: StageOptions<T>,
): OperatorFunction<T, R>;
export function workerPool<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: StageOptions<T> = {},
): OperatorFunction<T, R> {
  checkFunction('workerPool', 'fn', fn);
  return pool('workerPool', nameOf(fn), options, execute(fn));
}
