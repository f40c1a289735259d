import { median, short, spread, whole } from '../print.ts';
import { BASE } from './contenders.ts';
import type { MeasuredRow } from './measureStarted.ts';

/** What each row measured, round by round. */
export type Rounds = ReadonlyMap<string, MeasuredRow[]>;

/** What was measured, and how it is written. */
export class Figures {
  readonly #rows: Rounds;
  readonly #cores: number;

  constructor(rows: Rounds, cores: number) {
    this.#rows = rows;
    this.#cores = cores;
  }

  /** The names of the rows. */
  get names(): string[] {
    return [...this.#rows.keys()];
  }

  /** Microseconds an item. */
  micros(row: string, workload: string): string {
    return short(median(this.#ns(row, workload)) / 1_000);
  }

  /** How many items a run had. */
  items(row: string, workload: string): string {
    return whole(median(this.#rows.get(row)!.map(({ of }) => of[workload]!.items)));
  }

  /** How many times as fast as the plain loop, and which share that is of the ideal: `1.85 (1.80–1.90), 92.5 %`. */
  gain(row: string, workload: string): string {
    return row === BASE ? '1' : this.gainOf(this.#rows.get(row)!, workload, this.#cores);
  }

  /** The same for a row that was measured with so many threads. */
  gainOf(measured: readonly MeasuredRow[], workload: string, threads: number): string {
    const base = this.#ns(BASE, workload);
    const gains = measured.map(({ of }, round) => base[round]! / of[workload]!.ns);
    return `${spread(gains)}, ${short((median(gains) / threads) * 100)} %`;
  }

  /** Microseconds that a lone item takes, round by round. */
  alone(row: string, which: 'p50' | 'p99'): number[] {
    return this.#rows.get(row)!.map((one) => one.alone[which]);
  }

  /** Nanoseconds an item in the fastest of all rounds, which is the least disturbed. */
  fastest(row: string, workload: string): number {
    return Math.min(...this.#ns(row, workload));
  }

  #ns(row: string, workload: string): number[] {
    return this.#rows.get(row)!.map(({ of }) => of[workload]!.ns);
  }
}
