import type { Item, Job } from './Contender.ts';
import type { Row } from './work.ts';

/** A kind of item. */
export interface Payload {
  readonly job: Job;
  /** Makes an item that says how many rounds are to be spun for it. */
  readonly make: (rounds: number) => Item;
  /** Whether each item is made when it is wanted, as its buffer is moved away. The others are made before, and used again. */
  readonly moved?: true;
}

/** The kinds of items, in the order in which a process goes through them. */
export const payloads = {
  number: { job: 'ofNumber', make: (rounds) => rounds },
  'object of 1 KB': { job: 'ofObject', make: row },
  'buffer of 1 MB, shared': { job: 'ofBuffer', make: (rounds) => filled(new SharedArrayBuffer(2 ** 20), rounds) },
  'buffer of 1 MB, copied': { job: 'ofBuffer', make: (rounds) => filled(new ArrayBuffer(2 ** 20), rounds) },
  // The last one: where a buffer was once moved away, loops over typed arrays are slower from then on.
  'buffer of 1 MB, moved': { job: 'ofBuffer', make: (rounds) => filled(new ArrayBuffer(2 ** 20), rounds), moved: true },
} satisfies Record<string, Payload>;

function row(rounds: number): Row {
  return {
    rounds,
    name: `customer number ${rounds}`,
    address: { street: `${rounds} Long Acre`, town: 'Covent Garden, London', country: 'United Kingdom' },
    tags: ['regular', 'newsletter', 'invoice', 'europe', 'two deliveries'],
    scores: Array.from({ length: 40 }, (_, i) => i * 1.5 + rounds),
    note: 'Left at the side door. '.repeat(12),
  };
}

function filled<B extends ArrayBuffer | SharedArrayBuffer>(buffer: B, rounds: number): B {
  new Int32Array(buffer, 0, 1)[0] = rounds;
  return buffer;
}
