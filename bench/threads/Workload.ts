import type { Item } from './Contender.ts';
import type { Payload } from './payloads.ts';

/** How many items are made, at least; a run goes through them again and again. Together the buffers are too big for a cache. */
const MADE = 40;

const ITEMS_A_THREAD = 12;

/** Items of one kind, and what they cost. */
export class Workload {
  readonly payload: Payload;
  readonly #micros: readonly number[];
  /** How many times as long as those of others its runs take. */
  readonly long: number;

  /** `micros` is repeated: as many microseconds as the first item is to take, the second, and so on. */
  constructor(payload: Payload, micros: readonly number[], long = 1) {
    this.payload = payload;
    this.#micros = micros;
    this.long = long;
  }

  /** A run on so many threads has a multiple of so many items: of all costs, and the same number for each thread. */
  unit(threads: number): number {
    return Math.max(this.#micros.length, ITEMS_A_THREAD * threads);
  }

  /** Makes the items, where `perMicro` rounds take a microsecond. */
  prepare(perMicro: number): Prepared {
    const { make, moved } = this.payload;
    const length = Math.ceil(MADE / this.#micros.length) * this.#micros.length;
    // They differ a little, so that the sum shows a result that is missing or came twice. Below zero nothing is spun.
    const rounds = Array.from(
      { length },
      (_, i) => Math.round(this.#micros[i % this.#micros.length]! * perMicro) - (i & 7),
    );
    const items = moved === true ? [] : rounds.map(make);
    const results = rounds.map((one) => (one > 0 && one % 2 === 1 ? one : one + 1));
    return {
      *take(count) {
        for (let i = 0, at = 0; i < count; i++) {
          yield moved === true ? make(rounds[at]!) : items[at]!;
          if (++at === length) at = 0;
        }
      },
      expected(count) {
        return Math.floor(count / length) * sum(results) + sum(results.slice(0, count % length));
      },
    };
  }
}

function sum(some: readonly number[]): number {
  return some.reduce((a, b) => a + b, 0);
}

/** Items that are there. */
export interface Prepared {
  /** The first `count` of them. */
  readonly take: (count: number) => Iterable<Item>;
  /** The sum of what is to come out for them. */
  readonly expected: (count: number) => number;
}
