import type { Subscriber } from 'rxjs';
import { after, now, type Timer } from '../core/clock.ts';
import { Demand } from '../core/demand.ts';
import { PendingCall } from './PendingCall.ts';

/** The checked options of `poll`. */
export interface PollingSettings<T> {
  readonly name: string;
  readonly every: number;
  readonly from: 'end' | 'start';
  readonly immediate: boolean;
  readonly until: ((answer: T) => boolean) | undefined;
  readonly isSame: ((last: T, answer: T) => boolean) | undefined;
}

/** One subscription of `poll`: in turn it waits for its time, for the gate, for the answer, and for the gate again. */
export class Polling<T> {
  readonly below: Demand<T>;
  readonly #fn: (signal: AbortSignal) => T | PromiseLike<T>;
  readonly #settings: PollingSettings<T>;
  readonly #subscriber: Subscriber<T>;
  #call: PendingCall | undefined;
  #timer: Timer | undefined;
  #isDue: boolean;
  /** The answer that could not be sent yet. */
  #kept: { readonly answer: T } | undefined;
  #last: { readonly answer: T } | undefined;
  /** Whether nothing comes after what is kept. */
  #isEnding = false;
  #isProducing = false;

  constructor(
    fn: (signal: AbortSignal) => T | PromiseLike<T>,
    settings: PollingSettings<T>,
    subscriber: Subscriber<T>,
  ) {
    this.#fn = fn;
    this.#settings = settings;
    this.#subscriber = subscriber;
    this.#isDue = settings.immediate;
    const { name } = settings;
    this.below = new Demand(subscriber, { name, definition: settings, quit: () => this.#quit() }, () =>
      this.#produce(),
    );
    subscriber.add(() => {
      this.#timer?.unsubscribe();
      this.#call?.abort();
      this.#kept = this.#last = undefined;
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

  /** Makes one step, and says whether to make another. */
  #advance(): boolean {
    if (this.#kept === undefined) {
      if (this.#isEnding) this.#subscriber.complete();
      if (this.#subscriber.closed || this.#call !== undefined) return false;
      if (!this.#isDue) {
        if (this.#timer === undefined) this.#setTimer(this.#settings.every);
        return false;
      }
      if (!this.below.wants()) return false;
      this.#ask();
      return this.#call === undefined;
    }
    if (!this.below.wants()) return false;
    const { answer } = this.#kept;
    this.#kept = undefined;
    this.below.held = 0;
    this.below.send(answer);
    return true;
  }

  #ask(): void {
    this.#isDue = false;
    const began = now();
    const call = (this.#call = new PendingCall(this.below));
    call.run(
      () => this.#fn(call.signal),
      (answer) => this.#arrived(answer, began),
      (error) => {
        this.#call = undefined;
        this.below.fail(error);
      },
    );
  }

  #arrived(answer: T, began: number): void {
    this.#call = undefined;
    // The function itself may have ended the subscription.
    if (this.#subscriber.closed) return;
    const { every, from } = this.#settings;
    try {
      this.#take(answer);
    } catch (error) {
      return this.below.fail(error);
    }
    if (this.#subscriber.closed) return;
    if (!this.#isEnding) this.#setTimer(from === 'end' ? every : Math.max(every - (now() - began), 0));
    this.#produce();
  }

  #take(answer: T): void {
    const { until, isSame } = this.#settings;
    this.#isEnding = until !== undefined && until(answer);
    if (!this.#isEnding && isSame !== undefined && this.#last !== undefined && isSame(this.#last.answer, answer)) {
      return;
    }
    this.#kept = { answer };
    this.below.held = 1;
    if (isSame !== undefined) this.#last = this.#kept;
  }

  #setTimer(wait: number): void {
    this.#timer = after(wait, () => {
      this.#timer = undefined;
      this.#isDue = true;
      this.#produce();
    });
  }

  #quit(): void {
    this.#isEnding = true;
    this.#timer?.unsubscribe();
    if (this.#kept === undefined) this.#subscriber.complete();
  }
}
