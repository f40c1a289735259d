import { defer, from, mergeMap, type Observable, type ObservableInputTuple } from 'rxjs';
import { wrongType, wrongValue } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import { isList } from './isList.ts';
import { SortedLane } from './SortedLane.ts';
import { SortedTurns } from './SortedTurns.ts';
import { sourceOf } from './sourceOf.ts';

/** What items may be sorted by: numbers, bigints, or texts, which are compared code unit by code unit. */
export type SortKey = number | bigint | string;

/** The options of {@link mergeSorted}. */
export interface MergeSortedOptions<T> {
  /**
   * Gives what an item is sorted by, often its time. Called once an item. All keys are numbers and bigints, or all are texts;
   * none is `NaN`. Required.
   */
  by: (item: T) => SortKey;
  /**
   * What an item does that sorts before the one its own source sent last. `'fail'` (default): it ends the flow with a
   * `DisorderError`. `'pass'`: it is taken as it is, so it leaves as soon as it is known to be the first of those that are
   * there; then the result is not sorted either.
   */
  onDisorder?: 'fail' | 'pass' | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'mergeSorted'`. */
  name?: string | undefined;
  /**
   * How many items beyond the one that is held of each source are taken from a source that cannot be paused, before it all
   * fails with an `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Merges sources, each of which is sorted, into one sorted stream.
 *
 * ```
 * first:  1--4---------5--|
 * second: --2---3-----7------|
 * result: --12--3-----45--7--|    once the first has ended, 7 waits for it no more
 * ```
 *
 * - **Emits** the smallest item as soon as every source that has not ended has one, since only then nothing smaller can come.
 *   Of equal ones the source that stands first in the list comes first, and within a source the order stays.
 * - **Holds back** each source while an item of it waits: for the gate below, or for the slowest source. Iterables and arrays
 *   are held back too. What a source that cannot be paused sends meanwhile is kept in order, with one warning (rule G7).
 * - **Completes** when all sources have completed and every item has left; without sources at once. A source that has completed
 *   is waited for no more.
 * - **Errors** at once with the first source that does, with a `DisorderError`, with what `by` throws, and with a TypeError or
 *   RangeError if that gives no key.
 *
 * It holds at most one item of each source that can be paused.
 *
 * @example
 * ```ts
 * mergeSorted([lines('a.log'), lines('b.log')], { by: (line) => line.slice(0, 24) }); // ISO times sort as texts
 * ```
 *
 * Costs about log2 of the number of sources in comparisons an item. A source that says nothing and does not end keeps all
 * others waiting, however long: give it a heartbeat to be filtered out below, or an end. Sources that come from one `share` may
 * wait for each other for ever.
 *
 * @see {@link fanIn}, which takes items as they come. `toArray` and `sort`, for what is short.
 * (The merge of k runs with a heap is in D. E. Knuth, The Art of Computer Programming 3, section 5.4.1.)
 * @param sources What `from` of RxJS takes: Observables, promises, iterables, async iterables; no strings.
 * @param options See {@link MergeSortedOptions}.
 * @throws TypeError or RangeError if a source, which its index names, or an option is wrong.
 */
export function mergeSorted<A extends readonly unknown[]>(
  sources: readonly [...ObservableInputTuple<A>],
  options: MergeSortedOptions<A[number]>,
): Observable<A[number]> {
  if (!isList(sources)) throw wrongType('mergeSorted', 'sources', 'a list of sources', sources);
  // Not `map`, which leaves out holes.
  const list = Array.from<unknown, Observable<unknown>>(sources, checkSource);
  const read = new OptionReader<MergeSortedOptions<unknown>>('mergeSorted', options, [
    'by',
    'onDisorder',
    'name',
    'overflowLimit',
  ]);
  const by = readFunction(read, 'by');
  if (by === undefined) throw read.wrong('by', 'given: a function', undefined);
  const settings = {
    name: read.stageName('mergeSorted'),
    by,
    passesDisorder: read.oneOf('onDisorder', ['fail', 'pass'], 'fail') === 'pass',
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
  };
  return defer(() => {
    const turns = new SortedTurns<unknown>(list.length);
    const lane = (index: number) =>
      operate<unknown, unknown>((connection) => new SortedLane<unknown>(connection, settings, turns, index));
    return from(list).pipe(mergeMap((source, index) => source.pipe(lane(index))));
  });
}

function checkSource(value: unknown, index: number): Observable<unknown> {
  const source = sourceOf(value);
  if (source !== undefined) return source;
  const name = `sources[${index}]`;
  if (typeof value === 'string')
    throw wrongValue('mergeSorted', name, `${SOURCE}; say [...text] for the characters`, value);
  throw wrongType('mergeSorted', name, SOURCE, value);
}

const SOURCE = 'an Observable, a promise, an iterable or an async iterable';
