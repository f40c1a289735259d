/** How many items may pass in which time. */
export interface Rate {
  /** So many in `per` milliseconds, evenly spread. */
  readonly limit: number;
  readonly per: number;
  /** And so many before their time. */
  readonly burst: number;
}

/**
 * Says when the next item may pass, from those that have: a token bucket of `burst + 1` in the form of one moment (the generic cell
 * rate algorithm, ITU-T I.371). Any window of `per` milliseconds, without its end, sees `limit + burst` items at most.
 *
 * The moment is kept as a start and a count of items since, so that rounding does not add up.
 */
export class Pace {
  readonly #rate: Rate;
  #since = -Infinity;
  #count = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** From when on the next item may pass. */
  get due(): number {
    const { limit, per, burst } = this.#rate;
    return this.#since + ((this.#count - burst) * per) / limit;
  }

  /** From when on it is as if nothing had ever passed, so that there is nothing to remember. */
  get clear(): number {
    return this.#since + (this.#count * this.#rate.per) / this.#rate.limit;
  }

  /** An item passes at `time`. */
  take(time: number): void {
    if (time >= this.clear) {
      this.#since = time;
      this.#count = 1;
      return;
    }
    this.#count++;
    if (this.#count < this.#rate.limit) return;
    this.#since += this.#rate.per;
    this.#count -= this.#rate.limit;
  }
}
