import { asyncScheduler, type Subscriber, type Subscription } from 'rxjs';
import { Demand, type SourceSettings } from '../core/demand.ts';
import { wrongType } from '../core/errors.ts';
import { isAbortError } from '../core/isAbortError.ts';
import { isThenable } from '../core/isThenable.ts';
import type { UnfoldContext, UnfoldStep } from './unfold.ts';
import { whenSettled } from '../core/whenSettled.ts';

/** One subscription of `unfold`: its state, the step under way, and the value that could not be sent yet. */
export class Unfolding<S, T> {
  readonly below: Demand<T>;
  readonly #next: (state: S, context: UnfoldContext) => UnfoldStep<S, T> | PromiseLike<UnfoldStep<S, T>>;
  readonly #subscriber: Subscriber<T>;
  #state: S;
  /** The step that is under way. */
  #step: Step | undefined;
  #kept: T | undefined;
  #isKept = false;
  /** Whether {@link Unfolding.#produce} is at work further up the stack. */
  #isProducing = false;
  #isQuitting = false;
  #patience: Subscription | undefined;
  #since = 0;

  constructor(
    seed: S,
    next: (state: S, context: UnfoldContext) => UnfoldStep<S, T> | PromiseLike<UnfoldStep<S, T>>,
    subscriber: Subscriber<T>,
    settings: SourceSettings,
  ) {
    this.#state = seed;
    this.#next = next;
    this.#subscriber = subscriber;
    this.below = new Demand(subscriber, { ...settings, definition: settings, quit: () => this.#quit() }, () =>
      this.#produce(),
    );
    subscriber.add(() => {
      this.#patience?.unsubscribe();
      this.#kept = undefined;
      this.#step?.abort();
    });
  }

  #produce(): void {
    if (this.#isProducing) return;
    this.#isProducing = true;
    try {
      while (this.#advance());
    } finally {
      this.#isProducing = false;
    }
  }

  /** Makes a value, if there is none, and sends it. Says whether to go on. */
  #advance(): boolean {
    if (!this.#isKept) {
      if (this.#isQuitting) this.#subscriber.complete();
      if (!this.below.wants()) return false;
      this.#begin();
      // It may be on its way, or have been the end.
      if (!this.#isKept) return false;
    }
    if (!this.below.wants()) return false;
    const value = this.#kept as T;
    this.#kept = undefined;
    this.#isKept = false;
    this.below.held = 0;
    this.below.send(value);
    return true;
  }

  #begin(): void {
    this.#step = new Step();
    this.#since = this.below.making();
    try {
      const result = this.#next(this.#state, this.#step);
      if (!isThenable<UnfoldStep<S, T>>(result)) return this.#arrived(result);
      whenSettled(
        result,
        (pair) => this.#arrived(pair),
        (error) => this.#failed(error),
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  #arrived(pair: UnfoldStep<S, T>): void {
    if (this.#subscriber.closed || pair === undefined || pair === null) {
      this.#end();
      return this.#subscriber.complete();
    }
    try {
      if (!Array.isArray(pair) || pair.length !== 2) throw wrongType('unfold', 'result of next', PAIR, pair);
      this.#kept = pair[0];
      this.#state = pair[1];
    } catch (error) {
      // To look at what is no plain array may throw, too.
      return this.#failed(error);
    }
    this.#end();
    this.#isKept = true;
    this.below.held = 1;
    this.#produce();
  }

  #failed(error: unknown): void {
    this.#end();
    if (!this.#subscriber.closed || !isAbortError(error)) this.below.fail(error);
  }

  /** Notes that the step has answered. */
  #end(): void {
    this.#step = undefined;
    this.below.made(this.#since);
    // It has come: from here on it has all the time it needs.
    this.#patience?.unsubscribe();
  }

  #quit(): void {
    this.#isQuitting = true;
    // What is on its way is not given up, unless it takes its time.
    if (this.#step !== undefined) this.#patience = asyncScheduler.schedule(() => this.#subscriber.complete(), PATIENCE);
    else if (!this.#isKept) this.#subscriber.complete();
  }
}

const PAIR = 'a pair [value, state], or undefined or null at the end';
/** How long, in milliseconds, a source that is asked to quit waits for the value it has already asked for. */
const PATIENCE = 40;

/** One call of the function. It is the call's own, never used again, since user code may keep it. */
class Step implements UnfoldContext {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  abort(): void {
    (this.#controller ??= new AbortController()).abort();
  }
}
