import type { LimitSample } from '../../core/limit.ts';

/** Sums up the items of one round. */
export class Window {
  count = 0;
  #duration = 0;
  #squares = 0;
  #running = 0;

  add({ duration, running }: LimitSample): void {
    this.count++;
    this.#duration += duration;
    this.#squares += duration * duration;
    this.#running += running;
  }

  /** The mean of how long they took; more than 0, so that it can be divided by. */
  get duration(): number {
    return Math.max(this.#duration / this.count, TINY);
  }

  /** How far that may be from the truth by chance (its standard error). */
  get error(): number {
    const variance = this.#squares / this.count - this.duration ** 2;
    return Math.sqrt(Math.max(variance, 0) / this.count);
  }

  /** The mean of how many ran. */
  get running(): number {
    return this.#running / this.count;
  }
}

const TINY = 1e-6;
