import { defer, from, isObservable, mergeMap, type Observable, type ObservableInputTuple } from 'rxjs';
import { wrongType, wrongValue } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { checkCount, holds, isOptions, OptionReader } from '../core/options.ts';
import { Lane } from './Lane.ts';
import { sourceOf } from './sourceOf.ts';
import { Turns } from './Turns.ts';

/** The options of {@link fanIn}. */
export interface FanInOptions {
  /**
   * How many items each source sends in a row while others have some too: one integer of 1 or more for each source. Default: 1
   * for all.
   */
  priority?: readonly number[] | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'fanIn'`. */
  name?: string | undefined;
  /**
   * How many items beyond the one that may be held of each source are taken from a source that cannot be paused, before it all
   * fails with an `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Merges sources fairly: while it is held back they take turns, so that a fast one never keeps a slow one waiting.
 *
 * ```
 * first:  [a, b, c]
 * second: [u, v]
 * demand: x--o--o--o--o--o      o: the stage below takes one more
 * result: ---a--u--b--v--(c|)
 * ```
 *
 * - **Emits** everything that its sources give. While the gate below is open each item passes at once, as it comes, exactly as
 *   through `merge`. When items have to wait, sources take turns in the order in which they became ready: one item each, or
 *   as many as `priority` says. A source that has nothing when it is its turn gives the turn away.
 * - **Holds back** each source by itself, while an item of it waits. Iterables and arrays are held back too. A source that cannot
 *   be paused is not lost: what it sends meanwhile is kept in order, with one warning (rule G7).
 * - **Completes** when all sources have completed and every item has left; without sources at once.
 * - **Errors** at once with the first source that does; the others are unsubscribed.
 *
 * It holds at most one item of each source that can be paused.
 *
 * @example
 * ```ts
 * fanIn(lines('a.log'), lines('b.log')).pipe(workerPool(index, { concurrency: 4 }));
 *
 * fanIn([urgent$, bulk$], { priority: [3, 1] }); // three urgent ones, then one of bulk$, as long as both have some
 * ```
 *
 * Costs about 30 ns an item more than `merge`. A source that never pauses and never lets go of the processor, such as an endless
 * generator, yields only to a closed gate or, under `run`, to the turns of the event loop: where nothing holds it back, the
 * sources after it are not even subscribed.
 *
 * @see `merge` of RxJS, which is the same as long as nothing holds it back, and keeps no order of turns. `concat` for one source
 * after the other. `select`, which takes a single item from one of several.
 * @param sources What `from` of RxJS takes: Observables, promises, iterables, async iterables. A string is refused: say `[...text]`
 * if its characters are meant. With options the sources are one array.
 * @throws TypeError or RangeError if a source, which its index names, or an option is wrong.
 */
export function fanIn<A extends readonly unknown[]>(...sources: [...ObservableInputTuple<A>]): Observable<A[number]>;
export function fanIn<A extends readonly unknown[]>(
  sources: readonly [...ObservableInputTuple<A>],
  options: FanInOptions,
): Observable<A[number]>;
export function fanIn(...args: readonly unknown[]): Observable<unknown> {
  const isList = args.length === 2 && holds(() => Array.isArray(args[0])) && isOptionsOnly(args[1]);
  const [list, options] = isList ? (args as [unknown[], FanInOptions]) : [args, {}];
  const read = new OptionReader<FanInOptions>('fanIn', options, ['priority', 'name', 'overflowLimit']);
  const settings = { name: read.stageName('fanIn'), overflowLimit: read.count('overflowLimit', 0, 1_000_000, true) };
  const weights = checkPriority(read.get('priority'), list.length);
  if (list.length === 1) checkNoList(list[0]);
  // Not `map`, which leaves out holes.
  const sources = Array.from(list, checkSource);
  return defer(() => {
    const turns = new Turns<unknown>();
    const lane = (index: number) =>
      operate<unknown, unknown>((connection) => new Lane(connection, settings, turns, weights?.[index] ?? 1));
    return from(sources).pipe(mergeMap((source, index) => source.pipe(lane(index))));
  });
}

function isOptionsOnly(value: unknown): boolean {
  return isOptions(value) && sourceOf(value) === undefined;
}

/** An array of Observables would be taken for a source that gives Observables. */
function checkNoList(value: unknown): void {
  if (!holds(() => Array.isArray(value) && value.length > 0 && value.every(isObservable))) return;
  const rule = `${SOURCE}, not a list of sources; say fanIn(...sources), or fanIn(sources, options)`;
  throw wrongValue('fanIn', 'sources[0]', rule, value);
}

function checkSource(value: unknown, index: number): Observable<unknown> {
  const source = sourceOf(value);
  if (source !== undefined) return source;
  const name = `sources[${index}]`;
  if (typeof value === 'string') throw wrongValue('fanIn', name, `${SOURCE}; say [...text] for the characters`, value);
  throw wrongType('fanIn', name, SOURCE, value);
}

const SOURCE = 'an Observable, a promise, an iterable or an async iterable';

function checkPriority(priority: unknown, count: number): readonly number[] | undefined {
  if (priority === undefined) return undefined;
  const rule = `a list of ${count} integers of 1 or more, one for each source`;
  if (!holds(() => Array.isArray(priority))) throw wrongType('fanIn', 'priority', rule, priority);
  const weights = priority as readonly unknown[];
  if (weights.length !== count) throw wrongValue('fanIn', 'priority', rule, priority);
  return Array.from(weights, (weight, index) => checkCount('fanIn', `priority[${index}]`, weight, 1));
}
