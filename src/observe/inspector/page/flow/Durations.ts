/** How long the work of a stage took, second by second: the differences of histograms that count from the beginning. */
export class Durations {
  readonly #size: number;
  readonly #columns: { readonly at: number; readonly counts: readonly number[] }[] = [];
  #last: readonly number[] | undefined;

  /** @param size How many seconds are kept. */
  constructor(size = 120) {
    this.#size = size;
  }

  push(at: number, buckets: readonly number[]): void {
    const last = this.#last;
    this.#last = buckets;
    if (last === undefined) return;
    this.#columns.push({ at, counts: buckets.map((count, i) => Math.max(count - (last[i] ?? 0), 0)) });
    if (this.#columns.length > this.#size) this.#columns.shift();
  }

  /** The oldest first. */
  get columns(): readonly { readonly at: number; readonly counts: readonly number[] }[] {
    return this.#columns;
  }

  /** What was counted since the beginning. */
  get total(): readonly number[] {
    return this.#last ?? [];
  }
}

/** The least of the durations within which a share of all lies, in milliseconds; `undefined` where nothing was counted. */
export function quantile(counts: readonly number[], share: number): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let left = Math.ceil(all * share);
  const bucket = counts.findIndex((count) => (left -= count) <= 0);
  return upTo(bucket);
}

/** The longest duration of a bucket, in milliseconds. */
export function upTo(bucket: number): number {
  return 2 ** (bucket / 4) / 1000;
}
