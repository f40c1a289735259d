import type { SavedWindow, SlidingWindow } from './SlidingWindow.ts';

/** The last so many calls: a byte for each. */
export class CountWindow implements SlidingWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #outcomes: Uint8Array;
  /** Where the next one goes. */
  #at = 0;

  constructor(size: number) {
    this.#outcomes = new Uint8Array(size);
  }

  record(isFailure: boolean, isSlow: boolean): void {
    const outcomes = this.#outcomes;
    if (this.calls === outcomes.length) this.#add(outcomes[this.#at]!, -1);
    const outcome = (isFailure ? FAILURE : 0) + (isSlow ? SLOW : 0);
    outcomes[this.#at] = outcome;
    this.#at = (this.#at + 1) % outcomes.length;
    this.#add(outcome, 1);
  }

  clear(): void {
    this.calls = this.failures = this.slow = this.#at = 0;
  }

  save(): SavedWindow {
    const { length } = this.#outcomes;
    const first = this.#at - this.calls + length;
    return Array.from({ length: this.calls }, (_, i) => this.#outcomes[(first + i) % length]).join('');
  }

  restore(saved: SavedWindow): void {
    if (typeof saved !== 'string') return;
    for (const digit of saved.slice(-this.#outcomes.length)) {
      this.record((Number(digit) & FAILURE) !== 0, (Number(digit) & SLOW) !== 0);
    }
  }

  #add(outcome: number, sign: number): void {
    this.calls += sign;
    if ((outcome & FAILURE) !== 0) this.failures += sign;
    if ((outcome & SLOW) !== 0) this.slow += sign;
  }
}

const FAILURE = 1;
const SLOW = 2;
