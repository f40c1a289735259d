import type { MonoTypeOperatorFunction } from 'rxjs';
import { outOfRange, wrongType } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { holds, isOptions, OptionReader } from '../core/options.ts';
import { readDuration } from '../core/readers.ts';
import { Budget } from '../sync/Budget.ts';
import { Race } from './hedge/Race.ts';
import { RecentDurations } from './hedge/RecentDurations.ts';

/** The options of {@link hedge}. */
export interface HedgeOptions {
  /**
   * When an answer is late: after so many milliseconds (0 to 2147483647), or after the time within which a share of the latest
   * calls had their answer: `'p95'` is `{ quantile: 0.95 }`, a number of more than 0 and less than 1.
   */
  after: number | 'p95' | { readonly quantile: number };
  /** How many attempts a call may have in all, the first one included: an integer of 1 or more. Default 2. */
  max?: number | undefined;
  /** What each further attempt has to be paid from. Default: a `Budget` of its own, of a tenth of the calls and 10 at once. */
  budget?: Budget | undefined;
}

/**
 * Asks again when an answer is late, and takes the first that comes: a slow server out of many no longer makes slow calls.
 *
 * ```
 * 1st try: ---------a|            source, subscribed first
 * 2nd try:     --b|               subscribed again after 4
 * result:  ------b|               hedge({ after: 4 })
 * ```
 *
 * - **Emits** what the first attempt emits that emits or completes at all. All other attempts are unsubscribed before that value
 *   is sent down, and begin no more.
 * - **Holds back** its source, all attempts, while the gate below it is closed. Nothing is late then: no further attempt begins.
 * - **Completes** with that attempt; an attempt that completes without a value has answered, too.
 * - **Errors** when the last attempt that runs has failed, with its error; those of attempts before it are dropped. While others
 *   run, an attempt that fails changes nothing. An error of the one that has emitted passes at once. Unsubscribing ends all
 *   attempts.
 *
 * It holds one timer, and no values. With a quantile it also holds two histograms of 1 KiB in all its subscriptions together, and
 * begins to hedge when it has seen 20 answers. So make it once, and use it for every call:
 *
 * @example
 * ```ts
 * const hedged = hedge<Price>({ after: 'p95', budget });
 * items$.pipe(workerPool((item) => abortable((signal) => askPrice(item, signal)).pipe(hedged), { concurrency: 20 }));
 * ```
 *
 * Costs three to four microseconds a call. Only for what may safely be done twice, and where being slow is bad luck: if all calls
 * are slow, hedges make it worse, and the budget is what stops them.
 *
 * @see `timeout` of RxJS with `retry`, which gives the first attempt up before it tries again. `quorum`, which asks several from
 * the beginning. `race` of RxJS, which asks all at once. Source: "The Tail at Scale" (Dean, Barroso, Communications of the ACM,
 * 2013).
 * @param options See {@link HedgeOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function hedge<T>(options: HedgeOptions): MonoTypeOperatorFunction<T> {
  const read = new OptionReader<HedgeOptions>('hedge', options, ['after', 'max', 'budget']);
  const given = read.get('budget');
  const budget = given === undefined ? new Budget() : given;
  if (!holds(() => typeof budget.trySpend === 'function' && typeof budget.earn === 'function')) {
    throw wrongType('hedge', 'budget', 'a Budget', budget);
  }
  const settings = { after: readAfter(read), max: read.count('max', 1, 2), budget };
  return (source) =>
    operate<T, T>((connection) => new Race(source, settings, connection).first(connection.upstream))(source);
}

function readAfter(read: OptionReader<HedgeOptions>): number | RecentDurations {
  const given: unknown = read.get('after');
  if (typeof given === 'number') return readDuration(read, 'after') as number;
  if (given === 'p95') return new RecentDurations(0.95);
  const rule = "a number of milliseconds, 'p95' or { quantile }";
  let entries: [string, unknown][] = [];
  if (isOptions(given)) holds(() => (entries = Object.entries(given)).length > 0);
  const [[key, quantile] = [], ...more] = entries;
  if (key !== 'quantile' || more.length > 0) throw read.wrong('after', rule, given);
  const range = 'a number of more than 0 and less than 1';
  if (typeof quantile !== 'number') throw wrongType('hedge', 'after.quantile', range, quantile);
  if (quantile > 0 && quantile < 1) return new RecentDurations(quantile);
  throw outOfRange('hedge', 'after.quantile', range, quantile);
}
