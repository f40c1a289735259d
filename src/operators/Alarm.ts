import { after, now, type Timer } from '../core/clock.ts';

/**
 * Calls a function once a moment has come, and never before: a timer that fires early is set again. Putting the moment off
 * costs no timer, so it may be done for every item, and for ever: the timer that runs is then the last. {@link Alarm.stop} ends it.
 */
export class Alarm {
  readonly #act: () => void;
  #timer: Timer | undefined;
  /** When to call, and when the timer looks at the clock. */
  #at = Infinity;
  #wakes = Infinity;

  /** `act` must not throw. */
  constructor(act: () => void) {
    this.#act = act;
  }

  /** Calls once {@link now} has reached `at`, instead of at the moment that was set before. */
  set(at: number): void {
    this.#at = at;
    if (at < this.#wakes) this.#start();
  }

  /** Calls off what was set. */
  stop(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#at = this.#wakes = Infinity;
  }

  #start(): void {
    this.#timer?.unsubscribe();
    const time = now();
    const wait = Math.min(Math.max(Math.ceil(this.#at - time), 0), MAX_TIMER);
    this.#wakes = time + wait;
    this.#timer = after(wait, () => this.#fired());
  }

  #fired(): void {
    this.#wakes = Infinity;
    // Put off for ever: nothing to wait for.
    if (this.#at === Infinity) return;
    if (now() < this.#at) return this.#start();
    this.#at = Infinity;
    this.#act();
  }
}

/** The longest delay, in milliseconds, that a timer keeps; a longer one is divided. */
const MAX_TIMER = 2 ** 31 - 1;
