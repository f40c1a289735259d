/** Counts threads that die one after the other before they have finished anything. */
export class CrashCount {
  readonly #within: number;
  #times: number[] = [];

  /** With the milliseconds that it may take to start a thread: some die of nothing else. */
  constructor(startTimeout: number) {
    this.#within = WITHIN + MAX_CRASHES * startTimeout;
  }

  /** How many there were lately. */
  get count(): number {
    return this.#times.length;
  }

  /** Milliseconds to wait before the next thread is started: 0 after the first, then twice as long each time. */
  get delay(): number {
    return this.count <= 1 ? 0 : Math.min(FIRST_DELAY * 2 ** (this.count - 2), MAX_DELAY);
  }

  /** Counts one. Says whether it is time to give up. */
  isLoop(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < this.#within), now];
    return this.count > MAX_CRASHES;
  }

  /** Starts again from nothing: an item was finished. */
  forgive(): void {
    if (this.#times.length > 0) this.#times = [];
  }
}

/** Milliseconds. */
const WITHIN = 10_000;
const FIRST_DELAY = 25;
const MAX_DELAY = 1000;
const MAX_CRASHES = 5;
