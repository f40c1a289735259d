import type { Level } from './report.ts';

/** What a stage did at each concurrency that it had. */
export class Levels {
  readonly #levels = new Map<number, { completed: number; time: number }>();
  #concurrency: number | undefined;
  #completed = 0;
  #since = 0;

  /** Notes what the concurrency is now, and how many items have ended since the beginning. */
  note(concurrency: number, completed: number, now: number): void {
    if (concurrency === this.#concurrency) return;
    this.#close(completed, now);
    this.#concurrency = concurrency;
    this.#completed = completed;
    this.#since = now;
  }

  /** `undefined` while there has been only one. */
  list(completed: number, now: number): readonly Level[] | undefined {
    if (this.#levels.size === 0) return undefined;
    this.#close(completed, now);
    this.#completed = completed;
    this.#since = now;
    if (this.#levels.size === 1) return undefined;
    return [...this.#levels]
      .map(([concurrency, { completed: items, time }]) => ({ concurrency, completed: items, time }))
      .toSorted((a, b) => a.concurrency - b.concurrency);
  }

  #close(completed: number, now: number): void {
    if (this.#concurrency === undefined) return;
    let level = this.#levels.get(this.#concurrency);
    if (level === undefined) {
      if (this.#levels.size === MOST) return;
      this.#levels.set(this.#concurrency, (level = { completed: 0, time: 0 }));
    }
    level.completed += completed - this.#completed;
    level.time += now - this.#since;
  }
}

/** Different ones that are told apart; others are not counted. */
const MOST = 64;
