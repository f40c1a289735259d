import type { Field, Row } from './fields.ts';
import { read } from './fields.ts';

interface Moment {
  readonly elapsed: number;
  readonly rows: readonly Row[];
}

/** The counters of the last seconds, so that rates and shares say what a flow does now and not what it did on the whole. */
export class Recent {
  readonly #span: number;
  #moments: Moment[] = [];

  /** @param span Milliseconds that are looked back. */
  constructor(span = 3000) {
    this.#span = span;
  }

  push(elapsed: number, rows: readonly Row[]): void {
    const last = this.#moments.at(-1);
    // What starts again from less, or has other stages, is not the same flow as before.
    if (last !== undefined && (elapsed < last.elapsed || rows.length !== last.rows.length)) this.#moments = [];
    if (last !== undefined && elapsed === last.elapsed) this.#moments.pop();
    this.#moments.push({ elapsed, rows });
    // The oldest that stays is at least as old as the span, so that the difference covers all of it.
    while (this.#moments.length > 2 && elapsed - this.#moments[1]!.elapsed >= this.#span) this.#moments.shift();
    // However often ticks come: as many as fit the span ten times a second, with some room.
    if (this.#moments.length > MOST) this.#moments.splice(1, 1);
  }

  /** The stages stand at other places: `from` says where each stood before. One that is new has counted from nothing. */
  rearrange(from: readonly (number | undefined)[]): void {
    this.#moments = this.#moments.map(({ elapsed, rows }) => {
      return { elapsed, rows: from.map((place) => (place === undefined ? [] : (rows[place] ?? []))) };
    });
  }

  /** How many moments are kept. */
  get size(): number {
    return this.#moments.length;
  }

  /** Milliseconds between the oldest and the newest. */
  get time(): number {
    return (this.#moments.at(-1)?.elapsed ?? 0) - (this.#moments[0]?.elapsed ?? 0);
  }

  /** By how much a counter of the stage at a place grew in that time. */
  grown(place: number, field: Field): number {
    return read(this.#moments.at(-1)?.rows[place], field) - read(this.#moments[0]?.rows[place], field);
  }
}

const MOST = 64;
