import { delayStats, type DelayStats, type Distribution } from './DelayStats.ts';

/** Delays from LOW up to LOW + SPAN have a counter in each group; the few beyond are counted in a map. */
const LOW = -64;
const SPAN = 512;

/**
 * The counters of a table: SPAN of them for each of the groups that have any, which are copied and added many at a time; and the
 * delays beyond, as three columns.
 */
export interface DelayCounts {
  readonly groups: Uint32Array;
  readonly counts: Uint32Array;
  readonly beyondGroups: Uint32Array;
  readonly beyondDelays: Int32Array;
  readonly beyondCounts: Uint32Array;
}

/**
 * Counts, for each group of flights, how many had a delay of how many whole minutes. That is all there is to know about
 * their delays, so every figure drawn from it is exact, whatever order the flights came in and however they were split.
 *
 * Takes 2 KiB for each group that has flights, however many they are.
 */
export class DelayTable {
  /** A row of SPAN counters for each group that has been counted, in the order in which they were first seen. */
  #counts: Uint32Array;
  /** The group of each row. */
  readonly #groupOf: number[] = [];
  /** The row of each group, plus 1; 0 where it has none. */
  #rowOf = new Uint32Array(1024);
  readonly #beyond = new Map<number, Map<number, number>>();
  #groups = 0;

  /** With room for so many groups at first. */
  constructor(groups = 64) {
    this.#counts = new Uint32Array(groups * SPAN);
  }

  /** One more than the highest group that has been counted. */
  get groups(): number {
    return this.#groups;
  }

  add(group: number, delay: number, flights: number): void {
    if (group >= this.#groups) this.#widen(group + 1);
    const column = delay - LOW;
    if (column < 0 || column >= SPAN) return this.#addBeyond(group, delay, flights);
    // First: it may put larger counters in the place of these.
    const start = this.#startOf(group);
    this.#counts[start + column]! += flights;
  }

  /** The delays of some groups taken together; `undefined` where they have no flights. */
  stats(groups: readonly number[]): DelayStats | undefined {
    return delayStats(this.#distribution(groups));
  }

  toCounts(): DelayCounts {
    const beyond = [...this.#beyond].flatMap(([group, counts]) =>
      [...counts].map(([delay, flights]) => [group, delay, flights] as const),
    );
    return {
      groups: Uint32Array.from(this.#groupOf),
      counts: this.#counts.slice(0, this.#groupOf.length * SPAN),
      beyondGroups: Uint32Array.from(beyond, ([group]) => group),
      beyondDelays: Int32Array.from(beyond, ([, delay]) => delay),
      beyondCounts: Uint32Array.from(beyond, ([, , flights]) => flights),
    };
  }

  /** Adds what another table has counted; `renumber` gives this table's number for a group of the other. */
  addCounts({ groups, counts, ...beyond }: DelayCounts, renumber: (group: number) => number): void {
    for (let row = 0; row < groups.length; row++) {
      const group = renumber(groups[row]!);
      if (group >= this.#groups) this.#widen(group + 1);
      const start = this.#startOf(group);
      const added = row * SPAN;
      const own = this.#counts;
      for (let column = 0; column < SPAN; column++) own[start + column]! += counts[added + column]!;
    }
    const { beyondGroups, beyondDelays, beyondCounts } = beyond;
    for (let i = 0; i < beyondGroups.length; i++) {
      this.add(renumber(beyondGroups[i]!), beyondDelays[i]!, beyondCounts[i]!);
    }
  }

  #distribution(groups: readonly number[]): Distribution {
    const within = new Float64Array(SPAN);
    const beyond = new Map<number, number>();
    for (const group of groups) {
      const row = this.#rowOf[group] ?? 0;
      const start = (row - 1) * SPAN;
      if (row > 0) for (let column = 0; column < SPAN; column++) within[column]! += this.#counts[start + column]!;
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

  /** Where the counters of a group begin. */
  #startOf(group: number): number {
    const row = this.#rowOf[group]!;
    return (row > 0 ? row - 1 : this.#addRow(group)) * SPAN;
  }

  #addRow(group: number): number {
    const row = this.#groupOf.push(group) - 1;
    this.#rowOf[group] = row + 1;
    if ((row + 1) * SPAN > this.#counts.length) {
      const larger = new Uint32Array(this.#counts.length * 2);
      larger.set(this.#counts);
      this.#counts = larger;
    }
    return row;
  }

  #widen(groups: number): void {
    this.#groups = groups;
    if (groups <= this.#rowOf.length) return;
    const wider = new Uint32Array(Math.max(groups, this.#rowOf.length * 2));
    wider.set(this.#rowOf);
    this.#rowOf = wider;
  }
}
