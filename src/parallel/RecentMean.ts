/** The mean of what was measured lately: what came long before counts ever less. */
export class RecentMean {
  /** How many it is taken of. */
  count = 0;
  #sum = 0;

  /** 0 before the first. */
  get value(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** Takes in some, by their sum. */
  add(sum: number, count = 1): void {
    if (this.count > RECENT) {
      this.#sum /= 2;
      this.count /= 2;
    }
    this.#sum += sum;
    this.count += count;
  }
}

/** After how many those before count half. */
const RECENT = 2000;
