import { after, now, type Timer } from '../../core/clock.ts';

/**
 * Measures how late the event loop is: by how much a timer of 20 ms fires too late. What was measured loses half its weight with each
 * timer that is in time again. It goes on until it is stopped.
 */
export class LoopDelay {
  #due = 0;
  #delay = 0;
  #timer: Timer | undefined;

  constructor() {
    this.#wait();
  }

  /** Milliseconds; also of a delay that goes on still. */
  get value(): number {
    return Math.max(this.#delay, now() - this.#due);
  }

  stop(): void {
    this.#timer?.unsubscribe();
  }

  #wait(): void {
    this.#due = now() + EVERY;
    this.#timer = after(EVERY, () => {
      this.#delay = Math.max(now() - this.#due, this.#delay / 2);
      this.#wait();
    });
  }
}

/** Milliseconds. */
const EVERY = 20;
