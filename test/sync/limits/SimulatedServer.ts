import { Observable } from 'rxjs';
import { SimulatedTime } from './SimulatedTime.ts';

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A server that works on a few requests at once, lets the others queue, and may refuse those that find a long queue. */
export class SimulatedServer {
  readonly clock = new SimulatedTime();
  /** How many requests it works on at once. */
  slots: number;
  /** How many milliseconds it works on one, on average: from half as long to half as long again. */
  time: number;
  /** How many may queue before it refuses more. */
  room = Infinity;
  /** How many have been served, and refused. */
  served = 0;
  refused = 0;
  /** The most that ever were there at once. */
  peak = 0;
  #busy = 0;
  readonly #queue: (() => void)[] = [];
  readonly #random: () => number;

  constructor({ slots, time, seed }: { slots: number; time: number; seed: number }) {
    this.slots = slots;
    this.time = time;
    this.#random = seeded(seed);
  }

  /** One request. */
  readonly request = (): Observable<number> =>
    new Observable((client) => {
      if (this.#queue.length >= this.room) {
        this.refused++;
        this.clock.after(REFUSAL, () => client.error(REFUSED));
        return;
      }
      this.#queue.push(() => {
        if (client.closed) return this.#done();
        this.clock.after(Math.max(1, Math.round(this.time * (0.5 + this.#random()))), () => {
          if (client.closed) return;
          this.served++;
          this.#done();
          client.next(this.served);
          client.complete();
        });
      });
      this.peak = Math.max(this.peak, this.#queue.length + this.#busy);
      this.#serve();
    });

  #serve(): void {
    while (this.#busy < this.slots && this.#queue.length > 0) {
      this.#busy++;
      this.#queue.shift()!();
    }
  }

  #done(): void {
    this.#busy--;
    this.#serve();
  }
}

/** Milliseconds that it takes to say no. */
const REFUSAL = 20;
const REFUSED = new Error('503');
