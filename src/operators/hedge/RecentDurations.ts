import { addUp, Histogram, quantile } from '../../core/telemetry.ts';

/**
 * A quantile of the latest durations, in memory that does not grow: two histograms, of which the older one is given up each time
 * the newer one is full.
 */
export class RecentDurations {
  readonly #share: number;
  #newer = new Histogram();
  #older = new Histogram();
  #value: number | undefined;

  constructor(share: number) {
    this.#share = share;
  }

  /**
   * The duration in milliseconds that a share of the latest stayed within, up to 19 % too long; `undefined` while there are too
   * few.
   */
  get value(): number | undefined {
    return this.#value;
  }

  record(ms: number): void {
    this.#newer.record(ms);
    // Not each time: it has to add up all buckets.
    if (this.#newer.count % EVERY === 0) this.#measure();
    if (this.#newer.count < FULL) return;
    this.#older = this.#newer;
    this.#newer = new Histogram();
  }

  #measure(): void {
    const both = new Histogram();
    addUp(both, this.#older);
    addUp(both, this.#newer);
    this.#value = quantile(both, this.#share);
  }
}

/** It is measured anew after so many, and so for the first time. */
const EVERY = 20;
/** So many are in a histogram at most; of the latest at least so many count, and at most twice as many. */
const FULL = 500;
