import { now } from '../../core/clock.ts';
import type { SavedBucket, SavedWindow, SlidingWindow } from './SlidingWindow.ts';

/**
 * The calls of the last so many milliseconds, in ten buckets: whatever their number, it takes the same memory. A bucket leaves as
 * a whole, so that calls are forgotten up to a tenth of the window early.
 */
export class TimeWindow implements SlidingWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #width: number;
  /** For each bucket: calls, failures, slow calls. */
  readonly #counts = new Float64Array(BUCKETS * 3);
  /** The number of the bucket that is being filled, counted from the beginning of time. */
  #newest = 0;

  constructor(ms: number) {
    this.#width = ms / BUCKETS;
  }

  record(isFailure: boolean, isSlow: boolean): void {
    this.#turnTo(Math.floor(now() / this.#width));
    this.#add(this.#newest, 1, isFailure ? 1 : 0, isSlow ? 1 : 0);
  }

  clear(): void {
    this.#counts.fill(0);
    this.calls = this.failures = this.slow = 0;
  }

  save(): SavedWindow {
    const time = now();
    this.#turnTo(Math.floor(time / this.#width));
    const saved: SavedBucket[] = [];
    for (let number = this.#newest - BUCKETS + 1; number <= this.#newest; number++) {
      const at = place(number);
      const [calls, failures, slow] = this.#counts.subarray(at, at + 3) as unknown as [number, number, number];
      if (calls > 0) saved.push([time - number * this.#width, calls, failures, slow]);
    }
    return saved;
  }

  restore(saved: SavedWindow): void {
    if (typeof saved === 'string') return;
    const time = now();
    this.#turnTo(Math.floor(time / this.#width));
    for (const [age, calls, failures, slow] of saved) {
      const number = Math.floor((time - age) / this.#width + ROUNDING);
      if (number > this.#newest - BUCKETS) this.#add(number, calls, failures, slow);
    }
  }

  /** Lets the buckets go that are too old. All of them, if the clock is another one than before. */
  #turnTo(number: number): void {
    if (number < this.#newest || number >= this.#newest + BUCKETS) this.clear();
    else while (this.#newest < number) this.#drop(++this.#newest);
    this.#newest = number;
  }

  #drop(number: number): void {
    const at = place(number);
    const [calls, failures, slow] = this.#counts.subarray(at, at + 3) as unknown as [number, number, number];
    this.#add(number, -calls, -failures, -slow);
  }

  #add(number: number, calls: number, failures: number, slow: number): void {
    const at = place(number);
    this.#counts[at]! += calls;
    this.#counts[at + 1]! += failures;
    this.#counts[at + 2]! += slow;
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }
}

/** Where the bucket with this number lies, which may be negative soon after the beginning of time. */
function place(number: number): number {
  return (((number % BUCKETS) + BUCKETS) % BUCKETS) * 3;
}

const BUCKETS = 10;
/** What was the beginning of a bucket must not become the end of the one before. */
const ROUNDING = 1e-6;
