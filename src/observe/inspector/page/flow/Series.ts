/** Figures over time, the oldest of which give way to new ones. */
export class Series {
  readonly #columns: readonly Float64Array[];
  readonly #size: number;
  #begin = 0;
  #length = 0;

  /** @param width How many figures stand beside each other at each moment, the moment itself not counted. */
  constructor(width: number, size = FIVE_MINUTES) {
    this.#size = size;
    this.#columns = Array.from({ length: width + 1 }, () => new Float64Array(size));
  }

  get length(): number {
    return this.#length;
  }

  /** The moment of the last figures, in milliseconds. */
  get last(): number | undefined {
    return this.#length === 0 ? undefined : this.#columns[0]![(this.#begin + this.#length - 1) % this.#size];
  }

  /** Adds figures; those that are not known are `NaN`. A time with nothing in it becomes a gap instead of a line across it. */
  push(at: number, ...figures: readonly number[]): void {
    if (this.last !== undefined && at - this.last > GAP) this.#put(this.last + 1, []);
    this.#put(at, figures);
  }

  #put(at: number, figures: readonly number[]): void {
    const place = (this.#begin + this.#length) % this.#size;
    if (this.#length === this.#size) this.#begin = (this.#begin + 1) % this.#size;
    else this.#length++;
    for (const [i, column] of this.#columns.entries()) column[place] = i === 0 ? at : (figures[i - 1] ?? Number.NaN);
  }

  /** The moments in seconds, then the figures, as a chart takes them: `null` where nothing is known. */
  columns(...which: readonly number[]): [number[], ...(number | null)[][]] {
    return [this.#read(0, (at) => at / 1000), ...which.map((i) => this.#read(i + 1, known))];
  }

  #read<V>(column: number, to: (value: number) => V): V[] {
    const from = this.#columns[column]!;
    return Array.from({ length: this.#length }, (_, i) => to(from[(this.#begin + i) % this.#size]!));
  }
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** At one a second. */
const FIVE_MINUTES = 300;
/** Milliseconds after which a figure is missed. */
export const GAP = 3500;
