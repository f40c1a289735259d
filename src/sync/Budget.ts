import { now } from '../core/clock.ts';
import { OptionReader } from '../core/options.ts';
import { readNumber } from '../core/readers.ts';
import { readRatio } from './numbers/readRatio.ts';

/** The options of {@link Budget}. */
export interface BudgetOptions {
  /** How many extra calls each call pays for: more than 0, at most 1. Default 0.1: one more for ten. */
  ratio?: number | undefined;
  /** How many extra calls may be saved up, and are there at first: an integer of 1 or more. Default 10. */
  burst?: number | undefined;
  /**
   * How many extra calls are earned each second besides, so that a program which calls seldom may still try again: a finite
   * number of 0 or more. Default 1. With 0 nothing but calls earns any.
   */
  perSecond?: number | undefined;
}

/**
 * Caps hedges and retries at a share of all calls, so that they cannot multiply the load of a server that is in trouble.
 *
 * ```
 * calls:  c----------x-x-x---c-c-x--     c earns, x wants one more call; new Budget({ ratio: 0.5, burst: 2, perSecond: 0 })
 * result: -----------y-y-n-------y--     y: may, n: may not
 * ```
 *
 * It begins with `burst` extra calls. Each call earns a share of one ({@link Budget.earn}), each hedge or retry spends one
 * ({@link Budget.trySpend}) or must be left out. In any time there are no more of them than
 * `burst + ratio × calls + perSecond × seconds`.
 *
 * Give one budget to everything that calls the same server. `hedge` earns for each call and spends for each hedge. `backoff` only
 * spends: it does not see the calls that go well. Where no `hedge` is about, call `earn()` for each call yourself, or leave it to
 * `perSecond`.
 *
 * @example
 * ```ts
 * const budget = new Budget({ ratio: 0.1 });
 * const price$ = defer(() => {
 *   budget.earn();
 *   return request$.pipe(retry({ count: 3, delay: backoff({ budget }) }));
 * });
 * ```
 *
 * It costs some nanoseconds and holds two numbers. Nothing waits for a budget: for a rate that is waited for use `rateLimit`.
 *
 * @see `CircuitBreaker`, which stops all calls once too many fail; a budget only stops the extra ones, and at once.
 * Source: RetryBudget of Finagle, https://finagle.github.io/blog/2016/02/08/retry-budgets/, and "The Tail at Scale" (Dean,
 * Barroso, 2013).
 * @throws TypeError or RangeError if an option is wrong.
 */
export class Budget {
  readonly #ratio: number;
  readonly #burst: number;
  readonly #perMillisecond: number;
  #saved: number;
  #since: number;

  constructor(options: BudgetOptions = {}) {
    const read = new OptionReader<BudgetOptions>('Budget', options, ['ratio', 'burst', 'perSecond']);
    const perSecond = readNumber(
      read,
      'perSecond',
      'a finite number of 0 or more',
      (value) => value >= 0 && value < Infinity,
    );
    this.#ratio = readRatio(read, 'ratio') ?? 0.1;
    this.#burst = read.count('burst', 1, 10);
    this.#perMillisecond = (perSecond ?? 1) / 1000;
    this.#saved = this.#burst;
    this.#since = now();
  }

  /** How many extra calls may be made now. */
  get available(): number {
    this.#passTime();
    return Math.floor(this.#saved + ROUNDING);
  }

  /** Counts one call, which pays for a share of an extra one. */
  earn(): void {
    this.#saved = Math.min(this.#saved + this.#ratio, this.#burst);
  }

  /** Takes one extra call, and says `true`; or says `false` and changes nothing if none is left. */
  trySpend(): boolean {
    this.#passTime();
    if (this.#saved + ROUNDING < 1) return false;
    this.#saved = Math.max(this.#saved - 1, 0);
    return true;
  }

  #passTime(): void {
    if (this.#perMillisecond === 0) return;
    const time = now();
    // Between real and virtual time a clock may go back.
    const passed = Math.max(time - this.#since, 0);
    this.#saved = Math.min(this.#saved + passed * this.#perMillisecond, this.#burst);
    this.#since = time;
  }
}

/** Ten tenths are a little less than one. */
const ROUNDING = 1e-6;
