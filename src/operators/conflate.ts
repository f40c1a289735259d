import type { MonoTypeOperatorFunction, OperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import { Conflater, type ConflaterSettings } from './conflate/Conflater.ts';

/** The options of {@link conflate} where what is held is an item like the others. */
export interface ConflateOptions<T> {
  /** Makes one item of the one that is held and the one that comes. */
  merge: (held: T, next: T) => T;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'conflate'`. */
  name?: string | undefined;
}

/** The options of {@link conflate} where items are gathered into something else. */
export interface ConflateWithSeedOptions<T, S> {
  /** Makes what is held of the first item; every item passes through it that finds nothing held. */
  seed: (item: T) => S;
  /** Makes what is held next of what is held and the item that comes. */
  aggregate: (held: S, item: T) => S;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'conflate'`. */
  name?: string | undefined;
}

/**
 * Makes one of all items that come while the stage below holds back.
 *
 * ```
 * source: -abc--d-|      conflate({ merge: (held, next) => held + next })
 * demand: o-x--o---      o: gate opens, x: gate closes
 * result: -a---xd-|      x: 'bc'
 * ```
 *
 * - **Emits** each item by itself while the gate below is open, and what has been merged when it opens. With `seed` the first of a
 *   group goes through that, also when it stays alone.
 * - **Holds back** its source never.
 * - **Completes** when its source has completed and what is held has left.
 * - **Errors** at once with its source, and with what one of its functions throws.
 *
 * It holds one value. Nothing is lost that the functions keep: an item is passed on or merged, and counted as such.
 *
 * @example
 * ```ts
 * prices$.pipe(conflate({ merge: (_, newest) => newest }), workerPool(draw));
 *
 * readings$.pipe(
 *   conflate({
 *     seed: (n: number) => ({ sum: n, count: 1 }),
 *     aggregate: ({ sum, count }, n) => ({ sum: sum + n, count: count + 1 }),
 *   }),
 *   workerPool(store),
 * );
 * ```
 *
 * What is held may grow without bound if `aggregate` makes it longer with each item: put numbers together, not lists. For lists that are
 * bounded take {@link batch}.
 *
 * @see {@link buffered} with `overflow: { merge }`, which holds several items before it merges, all of one type. The form with `seed` is
 * `conflateWithSeed` of Akka and Pekko Streams.
 * @param options See {@link ConflateOptions} and {@link ConflateWithSeedOptions}.
 * @throws TypeError if an option is wrong, or it is neither `merge` alone nor `seed` and `aggregate`.
 */
export function conflate<T>(options: ConflateOptions<T>): MonoTypeOperatorFunction<T>;
export function conflate<T, S>(options: ConflateWithSeedOptions<T, S>): OperatorFunction<T, S>;
export function conflate<T, S>(options: ConflateOptions<T> | ConflateWithSeedOptions<T, S>): OperatorFunction<T, S> {
  const settings = read<T, S>(options);
  return operate((connection) => new Conflater<T, S>(connection, settings));
}

type AnyOptions<T, S> = Partial<ConflateOptions<T> & ConflateWithSeedOptions<T, S>>;

function read<T, S>(options: AnyOptions<T, S>): ConflaterSettings<T, S> {
  const reader = new OptionReader<AnyOptions<T, S>>('conflate', options, ['merge', 'seed', 'aggregate', 'name']);
  const merge = readFunction(reader, 'merge');
  const seed = readFunction(reader, 'seed');
  const aggregate = readFunction(reader, 'aggregate');
  const name = reader.stageName('conflate');
  if (merge !== undefined) {
    const other = seed === undefined ? 'aggregate' : 'seed';
    const given = seed ?? aggregate;
    if (given !== undefined) throw reader.wrong(other, 'left out with "merge"', given);
    // Then what is held is an item: S is T.
    return { name, seed: (item) => item as unknown as S, aggregate: merge as unknown as (held: S, item: T) => S };
  }
  if (seed === undefined && aggregate === undefined) {
    throw reader.wrong('merge', 'given: a function, or "seed" and "aggregate" instead', undefined);
  }
  if (seed === undefined || aggregate === undefined) {
    throw reader.wrong(
      seed === undefined ? 'seed' : 'aggregate',
      'given together with "seed" and "aggregate"',
      undefined,
    );
  }
  return { name, seed, aggregate };
}
