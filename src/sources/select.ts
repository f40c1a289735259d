import { Observable, type ObservableInput } from 'rxjs';
import { gateBelow } from '../core/demand.ts';
import { outOfRange, wrongType } from '../core/errors.ts';
import type { StageOutput } from '../core/execute.ts';
import { isFunction, OptionReader } from '../core/options.ts';
import { readFlag, readFunction } from '../core/readers.ts';
import type { ItemContext } from '../core/slot.ts';
import { isList } from './isList.ts';
import { Choosing } from './select/Choosing.ts';
import { runChosen } from './select/runChosen.ts';
import type { SelectSettings } from './select/SelectSettings.ts';
import { sourceOf } from './sourceOf.ts';

/** One case of {@link select}: where its item comes from, and what is done with it. */
export type SelectCase<T, R> = readonly [
  source: ObservableInput<T>,
  fn: (item: T, context: ItemContext) => StageOutput<R>,
];

/** The options of {@link select}. */
export interface SelectOptions<R> {
  /**
   * What happens when no case has been ready for so long: `[milliseconds, fn]`, 0 to 2147483647. With `repeat` the time counts
   * anew for each round. Default: it waits.
   */
  timeout?: readonly [ms: number, fn: (context: ItemContext) => StageOutput<R>] | undefined;
  /**
   * What happens when no case is ready at once. Neither with `timeout`, which it leaves no time, nor with `repeat`, which would
   * never let go of the processor.
   */
  default?: ((context: ItemContext) => StageOutput<R>) | undefined;
  /**
   * Which case is chosen of those that are ready: any, each as likely (`'random'`, default, as in Go); the one that was chosen
   * longest ago (`'rotate'`), so that of n cases one that is ready waits for n - 1 others at most; or the one that stands first
   * in the list (`'order'`), behind which the others may starve.
   */
  fairness?: 'random' | 'rotate' | 'order' | undefined;
  /**
   * Gives the random numbers, from 0 up to 1 and less than that: a seeded one makes `'random'` the same each time. Default
   * `Math.random`.
   */
  random?: (() => number) | undefined;
  /** Whether to choose again, and again, until all sources have completed. Default `false`. */
  repeat?: boolean | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'select'`. */
  name?: string | undefined;
}

/**
 * Takes one item, from whichever source is ready first, and runs that source's case with it, in the manner of Go.
 *
 * ```
 * first:  -----a--
 * second: --b-----
 * result: --(y|)         select([[first, (a) => 'x'], [second, (b) => 'y']])
 *
 * first:  --------
 * second: --------
 * result: ---(z|)        the same with { timeout: [3, () => 'z'] }
 * ```
 *
 * - **Emits** what the function of the chosen case gives: a plain value, the value of a promise, or all values of an Observable
 *   or async iterable.
 * - **Holds back**: nothing is chosen while the gate below is closed. From the sources that are not chosen nothing is taken:
 *   each has a gate of its own, which closes as soon as one is chosen. So a {@link channel} that loses keeps its value. What
 *   was already on its way does not: a source that has been asked for a value that takes time (a promise, an async iterable),
 *   or cannot be paused, loses that when it is unsubscribed.
 * - **Completes** when that case is done; empty, if every source has completed before. A source that has completed is never
 *   chosen; in Go a closed channel always is. All sources are unsubscribed before the case runs.
 * - **Errors** at once with the first source that does, and with what the case throws.
 *
 * With `repeat: true` the sources stay subscribed behind their gates, so that nothing is lost between two rounds: it is Go's
 * `select` in a `for` loop. The next round begins when the case of the last is done. Stock `repeat` and `defer` subscribe anew,
 * which loses nothing only of channels and the like.
 *
 * It holds at most one item, and of a source that cannot be paused what that sends meanwhile (rule G7).
 *
 * @example
 * ```ts
 * select([
 *   [orders, (order) => ship(order)],
 *   [returns, (item) => refund(item)],
 * ], { repeat: true, timeout: [1_000, () => 'nothing for a second'] }).subscribe(console.log);
 * ```
 *
 * A round costs about as much as opening and closing every gate. To merge, use {@link fanIn}, which goes on while an item is
 * worked on.
 *
 * @see {@link fanIn}, which takes everything from all. `race` of RxJS, which stays with the source that was first.
 * @param cases Pairs of a source, which may be what `from` of RxJS takes but no string, and a function.
 * @param options See {@link SelectOptions}.
 * @throws TypeError or RangeError if a case, which its index names, or an option is wrong.
 */
export function select<T1, R1, D = never>(
  cases: readonly [SelectCase<T1, R1>],
  options?: SelectOptions<D>,
): Observable<R1 | D>;
export function select<T1, R1, T2, R2, D = never>(
  cases: readonly [SelectCase<T1, R1>, SelectCase<T2, R2>],
  options?: SelectOptions<D>,
): Observable<R1 | R2 | D>;
export function select<T1, R1, T2, R2, T3, R3, D = never>(
  cases: readonly [SelectCase<T1, R1>, SelectCase<T2, R2>, SelectCase<T3, R3>],
  options?: SelectOptions<D>,
): Observable<R1 | R2 | R3 | D>;
export function select<T1, R1, T2, R2, T3, R3, T4, R4, D = never>(
  cases: readonly [SelectCase<T1, R1>, SelectCase<T2, R2>, SelectCase<T3, R3>, SelectCase<T4, R4>],
  options?: SelectOptions<D>,
): Observable<R1 | R2 | R3 | R4 | D>;
export function select<T1, R1, T2, R2, T3, R3, T4, R4, T5, R5, D = never>(
  cases: readonly [SelectCase<T1, R1>, SelectCase<T2, R2>, SelectCase<T3, R3>, SelectCase<T4, R4>, SelectCase<T5, R5>],
  options?: SelectOptions<D>,
): Observable<R1 | R2 | R3 | R4 | R5 | D>;
export function select<T1, R1, T2, R2, T3, R3, T4, R4, T5, R5, T6, R6, D = never>(
  cases: readonly [
    SelectCase<T1, R1>,
    SelectCase<T2, R2>,
    SelectCase<T3, R3>,
    SelectCase<T4, R4>,
    SelectCase<T5, R5>,
    SelectCase<T6, R6>,
  ],
  options?: SelectOptions<D>,
): Observable<R1 | R2 | R3 | R4 | R5 | R6 | D>;
export function select<T, R, D = never>(
  cases: readonly SelectCase<T, R>[],
  options?: SelectOptions<D>,
): Observable<R | D>;
export function select(cases: unknown, options: SelectOptions<unknown> = {}): Observable<unknown> {
  const list = readCases(cases);
  const read = new OptionReader<SelectOptions<unknown>>('select', options, KNOWN);
  const settings: SelectSettings = {
    name: read.stageName('select'),
    cases: list,
    timeout: readTimeout(read),
    otherwise: readFunction(read, 'default'),
    fairness: read.oneOf('fairness', ['random', 'rotate', 'order'], 'random'),
    random: readFunction(read, 'random') ?? Math.random,
    repeats: readFlag(read, 'repeat', false),
  };
  refuseClashes(read, settings);
  const run = runChosen<unknown>(settings);
  return new Observable((subscriber) => {
    const below = gateBelow(subscriber);
    const chosen = new Observable<never>((out) => new Choosing(settings, out, below).start());
    run(chosen).subscribe(subscriber);
  });
}

const KNOWN = ['timeout', 'default', 'fairness', 'random', 'repeat', 'name'] as const;

function readCases(cases: unknown): SelectSettings['cases'] {
  const rule = 'a list of one or more cases [source, fn]';
  if (!isList(cases)) throw wrongType('select', 'cases', rule, cases);
  if (cases.length === 0) throw outOfRange('select', 'cases', rule, cases);
  // Not `map`, which leaves out holes.
  return Array.from(cases, (each, index) => {
    const name = `cases[${index}]`;
    if (!isList(each, 2)) throw wrongType('select', name, 'a pair [source, fn]', each);
    const [input, fn] = each;
    const source = sourceOf(input);
    if (source === undefined) {
      throw wrongType('select', `${name}[0]`, 'an Observable, a promise, an iterable or an async iterable', input);
    }
    if (!isFunction(fn)) throw wrongType('select', `${name}[1]`, 'a function', fn);
    return { source, fn: fn as (item: unknown, context: ItemContext) => StageOutput<unknown> };
  });
}

function readTimeout(read: OptionReader<SelectOptions<unknown>>): SelectSettings['timeout'] {
  const timeout: unknown = read.get('timeout');
  if (timeout === undefined) return undefined;
  if (!isList(timeout, 2)) throw read.wrong('timeout', 'a pair [milliseconds, fn]', timeout);
  const [ms, fn] = timeout;
  const rule = 'a number of milliseconds from 0 to 2147483647';
  if (typeof ms !== 'number') throw wrongType('select', 'timeout[0]', rule, ms);
  if (!(ms >= 0 && ms <= 2 ** 31 - 1)) throw outOfRange('select', 'timeout[0]', rule, ms);
  if (!isFunction(fn)) throw wrongType('select', 'timeout[1]', 'a function', fn);
  return { ms, fn: fn as (context: ItemContext) => StageOutput<unknown> };
}

function refuseClashes(read: OptionReader<SelectOptions<unknown>>, settings: SelectSettings): void {
  const { otherwise, timeout, repeats } = settings;
  if (otherwise === undefined) return;
  if (timeout !== undefined) throw read.wrong('default', 'given without "timeout", which it leaves no time', otherwise);
  if (repeats) throw read.wrong('default', 'given without "repeat": it would run without a pause', otherwise);
}
