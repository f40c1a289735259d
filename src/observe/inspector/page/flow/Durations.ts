import { GAP } from './Series.ts';

/** How long the work of a stage took, second by second: the differences of histograms that count from the beginning. */
export class Durations {
  readonly #size: number;
  readonly #columns: { readonly at: number; readonly counts: readonly number[] }[] = [];
  #last: readonly number[] | undefined;
  /** When that was. */
  #at = 0;

  /** @param size How many seconds are kept. */
  constructor(size = 120) {
    this.#size = size;
  }

  /** What comes after a while in which nothing did is not of one second: it becomes a column with nothing in it. */
  push(at: number, buckets: readonly number[]): void {
    const last = this.#last;
    const isLate = at - this.#at > GAP;
    this.#last = buckets;
    this.#at = at;
    if (last === undefined) return;
    const counts = isLate ? [] : buckets.map((count, i) => Math.max(count - (last[i] ?? 0), 0));
    this.#columns.push({ at, counts });
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
