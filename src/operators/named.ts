import type { MonoTypeOperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { Stretch } from './named/Stretch.ts';

/**
 * Names a stretch of a flow, so that a run's report and the inspector show it and count what passes its end. Everything passes
 * unchanged.
 *
 * ```
 * source:          a-b-c|
 * named('parse'):  a-b-c|
 * ```
 *
 * Operators of RxJS between stages do not show: `source$.pipe(map(parse), filter(isGood), named('parse'), workerPool(store))` makes
 * these two show as one, with how many values they give. It has no times of its own, and what such operators take is nobody's: the
 * report knows only that the main thread was at work, and says so where that is nearly all of the time. (Where a stage function gives
 * several values for an item, what is done with those counts as its own time.) What computes shows its time in a stage, such as `workerPool`.
 *
 * - **Emits** each value at once.
 * - **Holds back** nothing: what is above it sees the gate below it. It holds no item.
 * - **Completes** and **errors** with its source.
 *
 * @example
 * ```ts
 * const parsed$ = lines('orders.ndjson').pipe(
 *   map((line) => JSON.parse(line)),
 *   filter((order) => order.total > 0),
 *   named('parse'),
 *   workerPool(store, { concurrency: 8 }),
 * );
 * ```
 *
 * Without `run` it does nothing and costs a call a value.
 *
 * @see `tap` of RxJS, which looks at the values themselves.
 * @param name A string of 1 to 200 printable characters.
 * @throws TypeError if `name` is something else.
 */
export function named<T>(name: string): MonoTypeOperatorFunction<T> {
  const settings = { name: new OptionReader('named', { name }, ['name']).stageName('') };
  return operate((connection) =>
    connection.below.flow === undefined
      ? { next: (item: T) => connection.out.next(item) }
      : new Stretch<T>(connection, settings),
  );
}
