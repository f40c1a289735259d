/** What travels through a flow: the numbers of the items that it stands for. Items that are merged or batched become one parcel. */
export type Parcel = readonly number[];

/** What became of an item. */
export type Fate = 'arrived' | 'dropped' | 'failed';

/** Keeps account of every item of one flow: each is made once, and has one fate. */
export class Tally {
  /** What is wrong, a few of them. */
  readonly faults: string[] = [];
  readonly counts = { made: 0, arrived: 0, dropped: 0, failed: 0 };
  /** One byte an item: 0 before it is made, 1 once it is, and more once it has its fate. */
  readonly #marks: Uint8Array;
  #next = 0;

  constructor(items: number) {
    this.#marks = new Uint8Array(items);
  }

  /** How many items there can be. */
  get total(): number {
    return this.#marks.length;
  }

  /** How many items have not been taken by a source yet. */
  get left(): number {
    return this.total - this.#next;
  }

  /** How many were made and have no fate. */
  get open(): number {
    const { made, arrived, dropped, failed } = this.counts;
    return made - arrived - dropped - failed;
  }

  /** The number of the first of `count` items that a source takes. */
  take(count = 1): number {
    this.#next += count;
    return this.#next - count;
  }

  made(parcel: Parcel): void {
    for (const item of parcel) this.#mark(item, 0, 1, 'made');
  }

  end(parcel: Parcel, fate: Fate): void {
    for (const item of parcel) this.#mark(item, 1, FATES[fate], fate);
  }

  /** Writes down what is wrong; the first few say enough. */
  fault(text: string): void {
    if (this.faults.length < 5) this.faults.push(text);
  }

  #mark(item: number, before: number, after: number, word: 'made' | Fate): void {
    const mark = this.#marks[item];
    if (mark === undefined) return this.fault(`item ${item} ${word}, and there is none`);
    if (mark !== before) return this.fault(`item ${item} ${word}, and it was ${WORDS[mark]} already`);
    this.#marks[item] = after;
    this.counts[word]++;
  }
}

const FATES = { arrived: 2, dropped: 3, failed: 4 };
const WORDS = ['not made', 'made', 'arrived', 'dropped', 'failed'];
