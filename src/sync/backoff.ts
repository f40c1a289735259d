import { pause } from '../core/clock.ts';
import { outOfRange, wrongType } from '../core/errors.ts';
import { checkCount, holds, OptionReader } from '../core/options.ts';
import { readDuration, readFunction, readNumber } from '../core/readers.ts';
import { delays, type Jitter } from './backoff/delays.ts';
import type { Budget } from './Budget.ts';

/** The options of {@link backoff}. */
export interface BackoffOptions {
  /** Milliseconds before the first retry, without jitter: 0 to 2147483647. Default 100. */
  initial?: number | undefined;
  /** The most milliseconds before any retry: `initial` to 2147483647. Default 30,000, or `initial` if that is more. */
  max?: number | undefined;
  /** By what each delay is multiplied for the next: a finite number of 1 or more. Default 2; 3 with `'decorrelated'`. */
  factor?: number | undefined;
  /**
   * How delays are spread, so that many clients do not come back all at once. `'full'` (default): anything from 0 to the delay.
   * `'equal'`: half of it, and anything up to the other half. `'decorrelated'`: anything from `initial` to `factor` times the
   * delay before. `'none'`: the delay itself.
   */
  jitter?: Jitter | undefined;
  /** Gives random numbers from 0 to 1. Default `Math.random`. */
  random?: (() => number) | undefined;
  /**
   * Gives the milliseconds for which the server asked to be left alone, or `undefined`: the retry comes no sooner. Less than 0
   * counts as 0. Default: what the error has as `retryAfter`, if that is a number, in milliseconds. (The HTTP header counts
   * seconds, or is a date.)
   */
  retryAfter?: ((error: unknown) => number | undefined) | undefined;
  /** The most milliseconds that are waited because the server asked for it: 0 to 2147483647. Default: as `max`. */
  maxRetryAfter?: number | undefined;
  /**
   * What each retry has to be paid from. When it is used up, a retry fails at once, with the error that it was to be for.
   * Default: none.
   */
  budget?: Budget | undefined;
}

/** What {@link backoff} gives: a `delay` for `retry` of RxJS. */
export interface Backoff {
  /** Emits when the time for this retry has come. Throws `error` if the budget has nothing left for it. */
  (error: unknown, retryCount: number): ReturnType<typeof pause>;
  /**
   * The milliseconds before a retry, from 1 for the first, drawn anew by each call. Without a budget, and whatever a server asked
   * for.
   *
   * @throws TypeError or RangeError if `attempt` is no integer of 1 or more.
   */
  delayOf(attempt: number): number;
}

/**
 * Makes the `delay` of stock `retry`: each retry waits longer than the one before, at random, so that many clients do not come
 * back together.
 *
 * ```
 * source: -#                     fails each time it is subscribed: at 0, 3 and 8
 * result: ---------#             retry({ count: 2, delay: backoff({ initial: 2, jitter: 'none' }) })
 * ```
 *
 * - **Emits** once, when it is time for the retry; before the `n`th that is `initial × factor ** (n - 1)` milliseconds, `max` at
 *   most, spread by `jitter`. If the server asked for more (`retryAfter`), that is waited, `maxRetryAfter` at most.
 * - **Holds back** nothing: it holds a timer while a retry waits.
 * - **Completes** after it has emitted.
 * - **Errors** with the error itself when `budget` has nothing left: the flow fails as if there were no `retry`. With a TypeError
 *   or RangeError if `retryAfter` or `random` give no such number. Unsubscribing stops the timer.
 *
 * One backoff serves any number of flows at once. All it knows of a flow is `retryCount`, with which RxJS counts the retries of
 * each sequence from 1. Only `'decorrelated'` remembers something: for each of the first 64 retry counts the last delay that was
 * given. A retry with count `n` draws from the last with count `n - 1`, so a flow by itself gets exactly the sequence of the
 * algorithm, and begins anew with 1; flows that fail at once may draw from each other's, which are spread in the same way.
 *
 * @example
 * ```ts
 * request$.pipe(retry({ count: 5, delay: backoff({ initial: 200, max: 10_000 }) }));
 * ```
 *
 * Delays are chosen when they are needed, in less than a microsecond. Do not retry what is not safe to do twice, nor at several
 * levels of one program: the tries multiply.
 *
 * @see `CircuitBreaker`, which takes a backoff for `openFor`: use `'equal'` or `'none'` there, since `'full'` may give nearly 0.
 * `Budget`, to cap all retries of a program together.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
 * @param options See {@link BackoffOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function backoff(options: BackoffOptions = {}): Backoff {
  const read = new OptionReader<BackoffOptions>('backoff', options, [
    'initial',
    'max',
    'factor',
    'jitter',
    'random',
    'retryAfter',
    'maxRetryAfter',
    'budget',
  ]);
  const initial = readDuration(read, 'initial') ?? 100;
  const max = readDuration(read, 'max') ?? Math.max(initial, 30_000);
  if (initial > max) throw outOfRange('backoff', 'max', `at least "initial", which is ${initial}`, max);
  const jitter = read.oneOf('jitter', ['none', 'full', 'equal', 'decorrelated'], 'full');
  const factor = readNumber(read, 'factor', 'a finite number of 1 or more', (value) => value >= 1 && value < Infinity);
  const random = readFunction(read, 'random') ?? Math.random;
  const retryAfter = readFunction(read, 'retryAfter');
  const maxRetryAfter = readDuration(read, 'maxRetryAfter') ?? max;
  const budget = read.get('budget');
  if (budget !== undefined && !holds(() => typeof budget.trySpend === 'function')) {
    throw wrongType('backoff', 'budget', 'a Budget', budget);
  }
  const delayOf = delays({ initial, max, factor: factor ?? (jitter === 'decorrelated' ? 3 : 2), jitter, random });

  const delay = (error: unknown, retryCount: number): ReturnType<typeof pause> => {
    checkCount('backoff', 'retryCount', retryCount, 1);
    const asked = retryAfter === undefined ? askedBy(error) : askedFor(retryAfter(error));
    // It is the error of the flow, whatever that is.
    if (budget !== undefined && !budget.trySpend()) throw error;
    return pause(Math.max(delayOf(retryCount), Math.min(asked, maxRetryAfter)));
  };
  return Object.assign(delay, {
    delayOf(attempt: number) {
      return delayOf(checkCount('delayOf', 'attempt', attempt, 1));
    },
  });
}

/** What the user's function gave. */
function askedFor(ms: unknown): number {
  if (ms === undefined) return 0;
  const rule = 'a function that gives a number of milliseconds, or undefined';
  if (typeof ms !== 'number') throw wrongType('backoff', 'retryAfter', rule, ms);
  if (Number.isNaN(ms)) throw outOfRange('backoff', 'retryAfter', rule, ms);
  return ms;
}

/** What the error says itself, if anything. It is somebody else's object: what it says wrongly is not heard. */
function askedBy(error: unknown): number {
  let ms: unknown;
  holds(() => {
    ms = (error as { readonly retryAfter?: unknown }).retryAfter;
    return true;
  });
  return typeof ms === 'number' && ms > 0 ? ms : 0;
}
