import { NEVER } from 'rxjs';
import { checkFunction } from '../core/options.ts';
import { checkOperator } from './simulate/checkOperator.ts';
import { readSettings } from './simulate/settings.ts';
import { search } from './simulate/search.ts';
import type { MakeOperator, SimulationTools } from './simulate/Simulation.ts';
import type { SourceKind, TaskKind } from './simulate/schedule.ts';

export type { MakeOperator, SimulationTools, SourceKind, TaskKind };

/** The options of {@link simulate}: what the operator promises, and how much to try. */
export interface SimulateOptions {
  /**
   * How many items it may hold: a number of 0 or more, or a function of the number that may run, for an operator that is given
   * {@link SimulationTools.limits}. 0 for one that holds nothing. Default: it is not checked.
   */
  bound?: number | ((limit: number) => number) | undefined;
  /**
   * How many items may run at once: an integer of 1 or more, or `Infinity`. Default: the operator calls no function, and items
   * come out as they went in.
   */
  concurrency?: number | undefined;
  /** Gives the key of an item: items of one key begin in input order, `perKey` at a time. Default: there are no keys. */
  key?: ((item: number) => unknown) | undefined;
  /** How many items of one key may run at once: an integer of 1 or more. Default 1. */
  perKey?: number | undefined;
  /** In which order results leave; `'none'` for any. Default `'completion'`. */
  order?: 'input' | 'completion' | 'none' | undefined;
  /** What becomes of an item whose work fails. `'deadLetter'`: it is handed to {@link SimulationTools.deadLetter}. Default `'stop'`. */
  onError?: 'stop' | 'skip' | 'emit' | 'deadLetter' | undefined;
  /** Whether it gives nothing out, as a sink. Default `false`. */
  discards?: boolean | undefined;
  /** Whether it may give items up, which it then tells {@link SimulationTools.onDrop} or counts. Default `false`. */
  drops?: boolean | undefined;
  /** Whether it may keep items although the gate below is open, until there are more, or time has passed. Default `false`. */
  keeps?: boolean | undefined;
  /**
   * Whether it is made of several stages: then work may begin while the gate at the end is closed, and an item may wait in front
   * of a stage that is full. Default `false`.
   */
  chain?: boolean | undefined;
  /**
   * Gives what is in a value that comes out: numbers for items, strings for values of the function. Default: the value itself;
   * arrays are looked into, and results of `onError: 'emit'`.
   */
  contents?: ((value: unknown) => readonly unknown[]) | undefined;
  /** Gives all that must come out, in order, if these items went in and the flow completed. Default: it is not checked. */
  expected?: ((items: readonly number[]) => readonly unknown[]) | undefined;
  /** Says whether an error that comes out is one of the operator's own. Default: there are none. */
  mayFail?: ((error: unknown) => boolean) | undefined;
  /** Which sources to try. Default: `['sync', 'async', 'hot']`; a hot one cannot be held back. */
  sources?: readonly SourceKind[] | undefined;
  /** Which kinds of work to try. Default: every {@link TaskKind}. */
  tasks?: readonly TaskKind[] | undefined;
  /** How many items there are at most: an integer of 1 to 100. Default 10. */
  items?: number | undefined;
  /** How many schedules to try: an integer of 1 or more. Default 1,000. */
  runs?: number | undefined;
  /** Where chance begins: an integer. Default: another each time. */
  seed?: number | undefined;
  /** With `seed`: repeats one schedule, as a {@link SimulationError} says. */
  path?: string | undefined;
}

/** What {@link simulate} tried, when nothing was wrong. */
export interface SimulationSummary {
  readonly seed: number;
  readonly runs: number;
  /** How many items were sent in all, and how many values came out. */
  readonly items: number;
  readonly values: number;
  /** How the runs ended. */
  readonly completed: number;
  readonly failed: number;
  readonly unsubscribed: number;
}

/**
 * Runs an operator under thousands of random schedules and fails with the smallest one under which it breaks a promise.
 *
 * A schedule says how items come (as fast as the gate lets them, in their own time, or whatever the gate says), what the work on
 * each does and how long it takes (a value, a promise, several values of an Observable or async iterable, an error, nothing
 * until it is cancelled), and what happens meanwhile: the gate below opens and closes, the source ends or fails, the flow is
 * unsubscribed; at random moments, and from inside a value, the function and the source.
 *
 * At every step it checks the grammar of notifications, the gates, the bound, the concurrency, the order, that nothing is
 * lost, doubled or made up, that an error is passed on at once, that completion comes last, that what still runs at the end is
 * cancelled and nothing begins after it, that nothing stands still that could go on, and that everything is released.
 *
 * Time is virtual: what takes its time from RxJS waits for no clock, and a seed repeats a run exactly. While it
 * runs, `asyncScheduler` and `hooks` of the whole process belong to it; calls therefore wait for each other.
 *
 * @example
 * ```ts
 * const summary = await simulate((fn) => workerPool(fn, { concurrency: 3, order: 'input' }), {
 *   bound: 9,
 *   concurrency: 3,
 *   order: 'input',
 * });
 * summary.runs; // 1000
 * ```
 *
 * A thousand schedules take about half a second. It needs `fast-check`, an optional peer dependency: `npm install -D fast-check`.
 *
 * @see {@link marbles}, for one schedule that you draw yourself.
 * @param make Makes the operator, anew for each schedule. It is given the function to call for each item: items are the
 * numbers from 0, and what the function gives are strings.
 * @param options See {@link SimulateOptions}.
 * @returns What was tried. Rejects with a {@link SimulationError} if the operator breaks a promise, and with an `Error` if
 * `fast-check` is not installed.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function simulate(make: MakeOperator, options: SimulateOptions = {}): Promise<SimulationSummary> {
  checkFunction('simulate', 'make', make);
  const settings = readSettings(options);
  checkOperator(make, NEVER);
  const result = last.then(() => search(make, settings));
  last = result.catch(() => {});
  return result;
}

/** The call before this one. */
let last: Promise<unknown> = Promise.resolve();
