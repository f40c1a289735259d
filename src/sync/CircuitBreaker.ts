import { after, now, type Timer } from '../core/clock.ts';
import { Gate, Waiter } from '../core/gate.ts';
import type { FiguresReading } from '../core/gauge.ts';
import { checkFunction } from '../core/options.ts';
import { ChangeTeller } from './breaker/ChangeTeller.ts';
import { Permit, type CircuitPermit, type Ending } from './breaker/Permit.ts';
import type { CircuitBreakerState } from './breaker/savedState.ts';
import {
  readSettings,
  type BreakerSettings,
  type CircuitBreakerOptions,
  type CircuitChange,
} from './breaker/settings.ts';
import { CircuitOpenError } from './CircuitOpenError.ts';

export type { CircuitBreakerOptions, CircuitBreakerState, CircuitChange, CircuitPermit };

/**
 * Stops calling what keeps failing: after too many failures calls are refused at once, until a few careful tries go well again.
 *
 * ```
 * calls: ff-s----s-s-s-f     f fails, s goes well, each at once
 * state: co------h---c--     c closed, o open, h half-open
 * made:  yy-n----y-y-y-y     y: called, n: refused
 * ```
 *
 * (The diagram is `new CircuitBreaker({ consecutiveFailures: 2, openFor: 7 })`.)
 *
 * - **Closed**: every call is admitted. It opens after `consecutiveFailures`, or when of at least `minimumCalls` in the window
 *   the `failureRate` failed or the `slowCallRate` was slow.
 * - **Open**: every call is refused with a `CircuitOpenError`, in about a microsecond, and nothing is called. After `openFor` it
 *   is half-open.
 * - **Half-open**: `halfOpenProbes` calls are admitted at once, and no more. One that fails or is slow opens it again; after
 *   `successesToClose` that went well it closes, with an empty window.
 * - A call whose state has changed before it ended changes nothing more.
 *
 * It holds a byte for each call of a window by count, or ten buckets for one by time, and no timer, unless somebody waits: that
 * `openFor` is over is found by whoever looks next. `onStateChange` is told of it then.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker({ name: 'payments', failureRate: 0.5, openFor: 5_000 });
 * const receipt = await breaker.call(() => fetch(url));
 * ```
 *
 * One breaker is for one thing that fails as a whole: a server, not a program. A call costs about a microsecond. Time is that of
 * RxJS, so a marble test can move it.
 *
 * @see `circuitBreaker`, which is this around an Observable, and can make a stream wait. `backoff`, for `openFor` and for
 * `retry`. `Budget`, which caps retries and hedges without stopping calls. Source: "Release It!" (Nygard); sliding windows and
 * slow calls as in Resilience4j, the count of generations as in sony/gobreaker.
 * @throws TypeError or RangeError if an option is wrong.
 */
export class CircuitBreaker {
  /** @internal */
  readonly kind = 'circuit breaker';
  readonly name: string;
  readonly #settings: BreakerSettings;
  /** Open while a call would be admitted. Those that wait for that stand in its queue. */
  readonly #gate = new Gate();
  #state: CircuitChange['to'] = 'closed';
  #generation = 0;
  #openings = 0;
  #openUntil = -Infinity;
  #isolations = 0;
  #running = 0;
  #successes = 0;
  #failuresInARow = 0;
  #lastFailure: { readonly error: unknown } | undefined;
  #timer: Timer | undefined;
  readonly #changes: ChangeTeller | undefined;

  constructor(options: CircuitBreakerOptions = {}) {
    const settings = readSettings(options);
    this.#settings = settings;
    this.name = settings.name;
    if (settings.onStateChange !== undefined) this.#changes = new ChangeTeller(this.name, settings.onStateChange);
    if (settings.state !== undefined) this.#restore(settings.state);
  }

  /** The state now. An isolated breaker is open. */
  get state(): CircuitChange['to'] {
    this.#passTime();
    return this.#state;
  }

  /** What a report shows of it. Unlike {@link CircuitBreaker.state} it changes nothing: that `openFor` is over, a call finds. @internal */
  read(): FiguresReading {
    const openFor = Math.max(this.#openUntil - now(), 0);
    const state = this.#isolations > 0 ? 'isolated' : this.#state;
    const figures = { openings: this.#openings, waiting: this.waiting, probes: this.#running };
    return { state, figures: state === 'open' ? { ...figures, 'open for ms': Math.ceil(openFor) } : figures };
  }

  /**
   * Calls a function if it is admitted, and counts how its promise ends.
   *
   * @returns What the function gives. Rejects with what it throws or rejects with, or with a `CircuitOpenError` if it was not
   * called.
   * @throws TypeError if `fn` is no function.
   */
  call<T>(fn: () => PromiseLike<T> | T): Promise<T> {
    checkFunction('call', 'fn', fn);
    const permit = this.tryBegin();
    if (permit === undefined) return rejectedSoon(this.refusal());
    let result: PromiseLike<T> | T;
    try {
      result = fn();
    } catch (error) {
      result = Promise.reject(error);
    }
    return Promise.resolve(result).then(
      (value) => {
        permit.succeed();
        return value;
      },
      (error: unknown) => {
        permit.fail(error);
        throw error;
      },
    );
  }

  /**
   * Admits a call that the caller makes itself, or gives `undefined` if it must not be made. What is admitted has to be settled:
   * a permit that is kept for ever takes up a probe.
   */
  tryBegin(): CircuitPermit | undefined {
    this.#passTime();
    if (!this.#admits) return undefined;
    const { halfOpenProbes, slowCallDuration } = this.#settings;
    if (this.#state === 'half-open' && ++this.#running === halfOpenProbes) this.#gate.close();
    return new Permit(this.#settle, this.#generation, slowCallDuration === undefined ? 0 : now());
  }

  /** The error for a call that is not admitted now. */
  refusal(): CircuitOpenError {
    const isIsolated = this.#isolations > 0;
    const state = this.#state === 'half-open' ? 'half-open' : 'open';
    const retryAfter = state === 'open' && !isIsolated ? Math.max(this.#openUntil - now(), 0) : undefined;
    return new CircuitOpenError(this.name, { state, retryAfter, isIsolated, failure: this.#lastFailure });
  }

  /**
   * Calls `wake` once, as soon as a call would be admitted: at once if that is now. Several that wait are woken in the order in
   * which they came, one for each call that is admitted, so `wake` has to call {@link CircuitBreaker.tryBegin} itself, at once.
   *
   * @returns A function that leaves the queue. Who waits must call it when it no longer wants to; calling it again does nothing.
   * @throws TypeError if `wake` is no function.
   */
  whenAdmitting(wake: () => void): () => void {
    checkFunction('whenAdmitting', 'wake', wake);
    this.#passTime();
    const waiter = new Waiter(wake);
    this.#gate.wait(waiter);
    this.#setTimer();
    return () => {
      waiter.cancel();
      this.#setTimer();
    };
  }

  /**
   * Opens it by hand, until the function that is returned is called. Then it is half-open, or goes on being open for as long as
   * it would be anyway. Where several isolate it, the last one ends it. Ending it again does nothing.
   */
  isolate(): () => void {
    this.#passTime();
    this.#isolations++;
    if (this.#state !== 'open') {
      this.#openUntil = -Infinity;
      this.#lastFailure = undefined;
      this.#change('open', 'isolate');
    } else this.#setTimer();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#isolations--;
      this.#passTime('isolate');
      this.#setTimer();
    };
  }

  /**
   * Gives its state, to be stored as JSON and handed to a new breaker as the option `state`. The calls under way are not in it,
   * nor is an isolation. The time that passes until then does not count.
   */
  toJSON(): CircuitBreakerState {
    const { state } = this;
    return {
      state,
      openings: this.#openings,
      remaining: state === 'open' ? Math.max(this.#openUntil - now(), 0) : 0,
      successes: this.#successes,
      failuresInARow: this.#failuresInARow,
      outcomes: this.#settings.window.save(),
    };
  }

  /** How many stand in the queue of {@link CircuitBreaker.whenAdmitting}. @internal */
  get waiting(): number {
    return this.#gate.waiting;
  }

  get #admits(): boolean {
    if (this.#state === 'half-open') return this.#running < this.#settings.halfOpenProbes;
    return this.#state === 'closed';
  }

  readonly #settle = (permit: Permit, ending: Ending, error?: unknown): void => {
    if (permit.generation !== this.#generation) return;
    if (ending !== 'failed') return this.#count(permit, ending);
    let counts: Ending = 'failed';
    // Also if one of them throws: it must not keep a probe for ever.
    try {
      const { isIgnored, isFailure } = this.#settings;
      if (isIgnored?.(error) === true) counts = 'ignored';
      else if (isFailure?.(error) === false) counts = 'succeeded';
    } finally {
      if (counts === 'failed') this.#lastFailure = { error };
      this.#count(permit, counts);
    }
  };

  #count(permit: Permit, ending: Ending): void {
    // What was asked just now may have isolated it.
    if (permit.generation !== this.#generation) return;
    const { slowCallDuration } = this.#settings;
    const isSlow = slowCallDuration !== undefined && now() - permit.began >= slowCallDuration;
    if (this.#state === 'half-open') this.#countProbe(ending, isSlow);
    else if (ending !== 'ignored') this.#countCall(ending === 'failed', isSlow);
  }

  #countCall(isFailure: boolean, isSlow: boolean): void {
    this.#settings.window.record(isFailure, isSlow);
    this.#failuresInARow = isFailure ? this.#failuresInARow + 1 : 0;
    const reason = this.#reasonToOpen();
    if (!isFailure && reason === 'slowCallRate') this.#lastFailure = undefined;
    if (reason !== undefined) this.#open(reason);
  }

  #countProbe(ending: Ending, isSlow: boolean): void {
    this.#running--;
    if (ending === 'succeeded' && isSlow) this.#lastFailure = undefined;
    try {
      if (ending === 'failed' || (ending === 'succeeded' && isSlow)) this.#open('halfOpenProbes');
      else if (ending === 'succeeded' && ++this.#successes >= this.#settings.successesToClose) this.#close();
    } finally {
      // Also if openFor throws: whoever waits must not wait for ever.
      this.#showGate();
    }
  }

  #reasonToOpen(): CircuitChange['reason'] | undefined {
    const { consecutiveFailures, minimumCalls, failureRate, slowCallRate, window } = this.#settings;
    if (this.#failuresInARow >= consecutiveFailures) return 'consecutiveFailures';
    if (window.calls < minimumCalls) return undefined;
    if (failureRate !== undefined && window.failures / window.calls >= failureRate) return 'failureRate';
    return window.slow / window.calls >= slowCallRate ? 'slowCallRate' : undefined;
  }

  #open(reason: CircuitChange['reason']): void {
    const openFor = this.#settings.openFor(this.#openings + 1);
    this.#openings++;
    this.#openUntil = now() + openFor;
    this.#change('open', reason);
  }

  #close(): void {
    this.#openings = this.#failuresInARow = 0;
    this.#lastFailure = undefined;
    this.#settings.window.clear();
    this.#change('closed', 'successesToClose');
  }

  /** Looks whether it has been open for long enough. */
  #passTime(reason: 'openFor' | 'isolate' = 'openFor'): void {
    if (this.#state === 'open' && this.#isolations === 0 && now() >= this.#openUntil) this.#change('half-open', reason);
  }

  #change(to: CircuitChange['to'], reason: CircuitChange['reason']): void {
    const from = this.#state;
    this.#state = to;
    this.#generation++;
    this.#running = this.#successes = 0;
    this.#stopTimer();
    if (to === 'open') this.#gate.close();
    this.#changes?.tell({ from, to, reason });
    this.#showGate();
    this.#setTimer();
  }

  #showGate(): void {
    if (this.#admits) this.#gate.open();
    else this.#gate.close();
  }

  /** There is a timer while somebody waits for `openFor` to be over. */
  #setTimer(): void {
    if (this.#gate.waiting === 0 || this.#state !== 'open' || this.#isolations > 0) return this.#stopTimer();
    this.#timer ??= after(Math.min(Math.max(Math.ceil(this.#openUntil - now()), 0), MAX_TIMER), () => {
      this.#timer = undefined;
      this.#passTime();
      // A timer may be a little early.
      this.#setTimer();
    });
  }

  #stopTimer(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  #restore({ state, openings, remaining, successes, failuresInARow, outcomes }: CircuitBreakerState): void {
    this.#state = state;
    this.#openings = openings;
    this.#successes = successes;
    this.#failuresInARow = failuresInARow;
    this.#openUntil = now() + remaining;
    this.#settings.window.restore(outcomes);
    if (state === 'open') this.#gate.close();
  }
}

/** The longest that a timer waits. */
const MAX_TIMER = 2 ** 31 - 1;

/** A promise that rejects a moment later: one that is born rejected is noted by the platform as unhandled, which takes longer than all else. */
function rejectedSoon(error: unknown): Promise<never> {
  return new Promise((_, reject) => {
    queueMicrotask(() => reject(error));
  });
}
