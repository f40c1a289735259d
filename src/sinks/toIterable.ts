import type { Observable } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { checkSource } from './pull/checkSource.ts';
import { ItemPuller } from './pull/ItemPuller.ts';

/** The options of {@link toIterable}. */
export interface ToIterableOptions {
  /**
   * How many items may be fetched ahead, so that the source works while the loop is busy with an item: an integer of 0 or
   * more, or `Infinity`. Default 0: an item is made when it is asked for.
   */
  capacity?: number | undefined;
  /** Names the stage in errors and warnings. Default `'toIterable'`. */
  name?: string | undefined;
  /**
   * How many items beyond its bound it takes from a source that cannot be paused, before it fails with an
   * `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Makes a flow an async iterable, of which each `next()` gets one item.
 *
 * ```
 * asked:  -n--n----n-n       n: the loop calls next()
 * source: -a--b----c-|
 * given:  -a--b----c-|
 * ```
 *
 * - **Gives** one item for each `next()`; several calls are answered in their order. Every iteration subscribes anew, at
 *   its first `next()`: an iterator that nobody asks does nothing.
 * - **Holds back** its source while nothing is asked for and `capacity` items wait.
 * - **Ends** after the last item. `break`, `return()` and `throw()` unsubscribe at once, and settle when everything is
 *   released: files are closed, iterators returned.
 * - **Errors**: `next()` rejects with the error of the source, after the items that were made before it. So `capacity`
 *   changes when the source works and not what the loop sees.
 *
 * It holds at most `capacity` items.
 *
 * @example
 * ```ts
 * for await (const page of toIterable(urls$.pipe(workerPool(load, { concurrency: 4 })))) {
 *   if (!(await save(page))) break; // no more pages are loaded
 * }
 * ```
 *
 * Costs about as much as an async generator, a promise an item; without a capacity twice that. Where every item is to be
 * dealt with in the same way, `forEach` does several at once and appears in the report of `run`.
 *
 * An iterator that is neither read to its end nor closed keeps its subscription, as any other does.
 *
 * @see `forEach`, which calls a function instead. `firstValueFrom` and `lastValueFrom` of RxJS, for one item.
 * @param source The flow.
 * @param options See {@link ToIterableOptions}.
 * @throws TypeError if `source` is no Observable; TypeError or RangeError if an option is wrong.
 */
export function toIterable<T>(source: Observable<T>, options: ToIterableOptions = {}): AsyncIterable<T> {
  checkSource('toIterable', source);
  const read = new OptionReader<ToIterableOptions>('toIterable', options, ['capacity', 'name', 'overflowLimit']);
  const settings = {
    name: read.stageName('toIterable'),
    capacity: read.count('capacity', 0, 0, true),
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
    inOrder: true,
  };
  return { [Symbol.asyncIterator]: () => iterator(new ItemPuller(source, settings)) };
}

function iterator<T>(puller: ItemPuller<T>): AsyncIterableIterator<T> {
  return {
    next: () => puller.next(),
    async return(value?: unknown) {
      await puller.close();
      return { done: true, value: await value };
    },
    async throw(error: unknown) {
      await puller.close();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
