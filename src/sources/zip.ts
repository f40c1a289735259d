import { defer, EMPTY, from, isObservable, mergeMap, type Observable, type ObservableInputTuple } from 'rxjs';
import { wrongType, wrongValue } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { holds, isOptions, OptionReader } from '../core/options.ts';
import { sourceOf } from './sourceOf.ts';
import { Rows } from './zip/Rows.ts';
import { ZipLane, type ZipSettings } from './zip/ZipLane.ts';

/** The options of {@link zip}. */
export interface ZipOptions {
  /** How many items may be held of each source: an integer of 1 or more. Default 1. */
  capacity?: number | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'zip'`. */
  name?: string | undefined;
  /**
   * How many items beyond those that may be held of each source are taken from a source that cannot be paused, before it all
   * fails with an `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Puts the first items of all sources together, then the second ones, and so on, and holds the faster sources back.
 *
 * ```
 * first:  a-b----|
 * second: --u--v---w
 * result: --x--y-|        x: [a, u]  y: [b, v]
 * ```
 *
 * - **Emits** an array of one item of each source as soon as every source has given one and the gate below is open.
 * - **Holds back** each source by itself, while `capacity` items of it wait for those of the others or for the gate below. Iterables and
 *   arrays are held back too. What a source sends that cannot be paused is kept in order, with one warning (rule G7).
 * - **Completes** as soon as one source has completed and no item of it is left; the others are unsubscribed, and what is held of them is
 *   given up. Without sources at once.
 * - **Errors** at once with the first source that does; the others are unsubscribed.
 *
 * It holds at most `capacity` items of each source that can be paused.
 *
 * @example
 * ```ts
 * zip(lines('names.txt'), lines('ages.txt')).subscribe(([name, age]) => console.log(name, age));
 * ```
 *
 * @see `zip` of RxJS, which takes all that a faster source gives, however much that is. {@link fanIn}, for items as they come.
 * `combineLatest` of RxJS, which takes the newest item of each.
 * @param sources What `from` of RxJS takes: Observables, promises, iterables, async iterables. A string is refused: say `[...text]`
 * if its characters are meant. With options the sources are one array.
 * @throws TypeError or RangeError if a source, which its index names, or an option is wrong.
 */
export function zip<A extends readonly unknown[]>(...sources: [...ObservableInputTuple<A>]): Observable<A>;
export function zip<A extends readonly unknown[]>(
  sources: readonly [...ObservableInputTuple<A>],
  options: ZipOptions,
): Observable<A>;
export function zip(...args: readonly unknown[]): Observable<unknown> {
  const isList = args.length === 2 && holds(() => Array.isArray(args[0])) && isOptionsOnly(args[1]);
  const [list, options] = isList ? (args as [unknown[], ZipOptions]) : [args, {}];
  const read = new OptionReader<ZipOptions>('zip', options, ['capacity', 'name', 'overflowLimit']);
  const settings = {
    name: read.stageName('zip'),
    bound: read.count('capacity', 1, 1),
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
  };
  if (list.length === 1) checkNoList(list[0]);
  // Not `map`, which leaves out holes.
  const sources = Array.from(list, checkSource);
  return sources.length === 0 ? EMPTY : rows(sources, settings);
}

function rows(sources: readonly Observable<unknown>[], settings: ZipSettings): Observable<unknown> {
  return defer(() => {
    const all = new Rows(sources.length);
    const lane = operate<unknown, unknown>((connection) => new ZipLane(connection, settings, all));
    return from(sources).pipe(
      mergeMap((source) => source.pipe(lane)),
      operate<unknown, unknown>(({ out }) => {
        all.onEnd = () => out.complete();
        return { next: (row) => out.next(row) };
      }),
    );
  });
}

function isOptionsOnly(value: unknown): boolean {
  return isOptions(value) && sourceOf(value) === undefined;
}

/** An array of Observables would be taken for a source that gives Observables. */
function checkNoList(value: unknown): void {
  if (!holds(() => Array.isArray(value) && value.length > 0 && value.every(isObservable))) return;
  const rule = `${SOURCE}, not a list of sources; say zip(...sources), or zip(sources, options)`;
  throw wrongValue('zip', 'sources[0]', rule, value);
}

function checkSource(value: unknown, index: number): Observable<unknown> {
  const source = sourceOf(value);
  if (source !== undefined) return source;
  const name = `sources[${index}]`;
  if (typeof value === 'string') throw wrongValue('zip', name, `${SOURCE}; say [...text] for the characters`, value);
  throw wrongType('zip', name, SOURCE, value);
}

const SOURCE = 'an Observable, a promise, an iterable or an async iterable';
