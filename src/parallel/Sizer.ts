/**
 * Says how many items to send at once: as many as take about {@link TARGET} ms, by a moving average of what an item costs, so that the
 * way there and back is small beside the work, and no thread is out of reach for long.
 */
export class Sizer {
  /** Milliseconds that an item takes, as far as is known; 0 before the first. */
  cost = 0;
  /** How many items to send at once. */
  size = 1;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes in that some items took so many milliseconds together. Says whether the size has changed by much. */
  observe(elapsed: number, items: number): boolean {
    const each = elapsed / items;
    // The first items of a thread take long: their code is not compiled yet. They are soon forgotten.
    const weight = each < this.cost ? WEIGHT_DOWN : WEIGHT_UP;
    this.cost = this.cost === 0 ? each : this.cost + weight * (each - this.cost);
    const wanted = Math.min(Math.max(Math.ceil(TARGET / this.cost), 1), this.#max);
    // Never many more than have been measured together: one quick item says little about a thousand.
    const size = Math.min(wanted, Math.max(this.size, items) * 4);
    if (size === this.size || (size > this.size * 0.8 && size < this.size * 1.25 && size !== 1)) return false;
    this.size = size;
    return true;
  }
}

/** Milliseconds of work in a message (measured: less costs throughput, more gains nothing). */
const TARGET = 2;
const WEIGHT_UP = 0.25;
const WEIGHT_DOWN = 0.5;
