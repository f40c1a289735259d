import { delayStats, type DelayStats, type Distribution } from './DelayStats.ts';

/** Delays from LOW up to LOW + SPAN have a counter in each group; the few beyond are counted in a map. */
const LOW = -64;
const SPAN = 512;

/** The counters of a table that are not 0, as three columns. */
export interface DelayCounts {
  readonly groups: Uint32Array;
  readonly delays: Int32Array;
  readonly counts: Uint32Array;
}

/**
 * Counts, for each group of flights, how many had a delay of how many whole minutes. That is all there is to know about
 * their delays, so every figure drawn from it is exact, whatever order the flights came in and however they were split.
 *
 * Takes 2 KiB for each group, however many flights it has.
 */
export class DelayTable {
  #counts = new Uint32Array(64 * SPAN);
  readonly #beyond = new Map<number, Map<number, number>>();
  #groups = 0;

  /** One more than the highest group that has been counted. */
  get groups(): number {
    return this.#groups;
  }

  add(group: number, delay: number, flights: number): void {
    if (group >= this.#groups) this.#grow(group + 1);
    const column = delay - LOW;
    if (column >= 0 && column < SPAN) this.#counts[group * SPAN + column]! += flights;
    else this.#addBeyond(group, delay, flights);
  }

  /** The delays of some groups taken together; `undefined` where they have no flights. */
  stats(groups: readonly number[]): DelayStats | undefined {
    return delayStats(this.#distribution(groups));
  }

  toCounts(): DelayCounts {
    const groups: number[] = [];
    const delays: number[] = [];
    const counts: number[] = [];
    for (let group = 0; group < this.#groups; group++) {
      const own = this.#distribution([group]);
      for (const [i, delay] of own.delays.entries()) {
        groups.push(group);
        delays.push(delay);
        counts.push(own.counts[i]!);
      }
    }
    return { groups: Uint32Array.from(groups), delays: Int32Array.from(delays), counts: Uint32Array.from(counts) };
  }

  /** Adds what another table has counted; `renumber` gives this table's number for a group of the other. */
  addCounts({ groups, delays, counts }: DelayCounts, renumber: (group: number) => number): void {
    for (let i = 0; i < groups.length; i++) this.add(renumber(groups[i]!), delays[i]!, counts[i]!);
  }

  #distribution(groups: readonly number[]): Distribution {
    const within = new Float64Array(SPAN);
    const beyond = new Map<number, number>();
    for (const group of groups) {
      if (group >= this.#groups) continue;
      const start = group * SPAN;
      for (let column = 0; column < SPAN; column++) within[column]! += this.#counts[start + column]!;
      for (const [delay, count] of this.#beyond.get(group) ?? []) beyond.set(delay, (beyond.get(delay) ?? 0) + count);
    }
    const delays = [...beyond.keys()];
    for (let column = 0; column < SPAN; column++) if (within[column]! > 0) delays.push(column + LOW);
    delays.sort((a, b) => a - b);
    return { delays, counts: delays.map((delay) => within[delay - LOW] ?? beyond.get(delay)!) };
  }

  #addBeyond(group: number, delay: number, flights: number): void {
    let counts = this.#beyond.get(group);
    if (counts === undefined) this.#beyond.set(group, (counts = new Map<number, number>()));
    counts.set(delay, (counts.get(delay) ?? 0) + flights);
  }

  #grow(groups: number): void {
    this.#groups = groups;
    if (groups * SPAN <= this.#counts.length) return;
    const larger = new Uint32Array(Math.max(groups * SPAN, this.#counts.length * 2));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
