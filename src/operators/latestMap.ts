import type { OperatorFunction } from 'rxjs';
import { execute, type StageOutput } from '../core/execute.ts';
import { operatePool, readPool } from '../core/operatePool.ts';
import { nameOf } from '../core/nameOf.ts';
import { checkFunction, OptionReader, type OnError, type Result } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import type { ItemContext } from '../core/slot.ts';
import { LatestPool } from './latestMap/LatestPool.ts';

/** The options of {@link latestMap}. */
export interface LatestMapOptions<T> {
  /** What becomes of an item whose work fails, as in `StageOptions`. Default `'stop'`. */
  onError?: OnError<T> | undefined;
  /** Called with every item given up for a newer one. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'latest') => void) | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default: the name of the function. */
  name?: string | undefined;
}

/**
 * Runs a function for one item at a time, and of those that come meanwhile keeps only the newest.
 *
 * ```
 * source: ab-c-----|      latestMap((x) => timer(4).pipe(map(() => x)))
 * result: ----a---c|      given up: b
 * ```
 *
 * - **Emits** what `fn` gives, as `workerPool` does: a plain value, the value of a promise, or all values of an Observable or async
 *   iterable. In order.
 * - **Gives up** the item that waits when a newer one comes, also while the gate below is closed. It is counted as dropped and told to
 *   `onDrop`. The last item is always run, and so is the first if the gate is open when it comes.
 * - **Holds back** its source never. While the gate below is closed it starts nothing, and holds back an Observable or async
 *   iterable that `fn` gave.
 * - **Completes** when its source has completed and everything has left.
 * - **Errors** at once with its source. When `fn` throws or its result fails, `onError` decides. What runs is never cut short for a newer
 *   item; unsubscribing cancels it through `context.signal`.
 *
 * It holds one item that runs, and one that waits.
 *
 * @example
 * ```ts
 * settings$.pipe(latestMap((settings) => save(settings))).subscribe(); // never two at once, and the last is saved
 * ```
 *
 * @see `switchMap` of RxJS, which cuts short what runs, so that nothing ever ends while items come fast. `exhaustMap`, which loses the
 * last item. `workerPool`, which runs every item.
 * @param fn Called with an item and its {@link ItemContext}.
 * @param options See {@link LatestMapOptions}.
 * @throws TypeError if an argument is wrong.
 */
export function latestMap<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: LatestMapOptions<T> & { onError: 'emit' },
): OperatorFunction<T, Result<R, T>>;
export function latestMap<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options?: LatestMapOptions<T>,
): OperatorFunction<T, R>;
export function latestMap<T, R>(
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: LatestMapOptions<T> = {},
): OperatorFunction<T, R> {
  checkFunction('latestMap', 'fn', fn);
  const read = new OptionReader<LatestMapOptions<T>>('latestMap', options, ['onError', 'onDrop', 'name']);
  const onDrop = readFunction(read, 'onDrop');
  // It never holds its source back; that no more than one waits is what LatestPool sees to.
  const settings = { ...readPool<T>(read, nameOf(fn)), capacity: Infinity };
  const executor = execute(fn);
  return operatePool('latestMap', 1, (connection) => new LatestPool<T, R>(connection, settings, executor, onDrop));
}
