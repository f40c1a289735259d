import { Heap } from '../../core/Heap.ts';
import type { Ring } from '../../core/ring.ts';
import { Pace, type Rate } from './Pace.ts';

/** What is known of one key: its pace, and those of its items that wait. */
export class Lane<T> {
  readonly key: unknown;
  readonly pace: Pace;
  /** Made when an item has to wait, which most keys' never do. */
  items: Ring<T> | undefined;
  /** From when on it could be forgotten, as far as was looked: never too late, since what passes only puts it off. */
  clear = -Infinity;

  constructor(key: unknown, rate: Rate) {
    this.key = key;
    this.pace = new Pace(rate);
  }

  get isWaiting(): boolean {
    return this.items !== undefined && this.items.length > 0;
  }
}

/**
 * The lanes of all keys that are not yet as if they had never been, in the order in which they can be forgotten. What passes leaves its
 * lane where it stands: that is put right when it comes to the front.
 */
export class Lanes<T> {
  readonly #rate: Rate;
  readonly #max: number;
  readonly #lanes = new Map<unknown, Lane<T>>();
  readonly #order = new Heap<Lane<T>>((a, b) => a.clear < b.clear);

  constructor(rate: Rate, max: number) {
    this.#rate = rate;
    this.#max = max;
  }

  /** How many keys are known. */
  get size(): number {
    return this.#lanes.size;
  }

  /** From when on another key can be taken in, while there is no room. */
  get roomAt(): number {
    return this.#order.first?.clear ?? -Infinity;
  }

  /** The lane of a key; `undefined` if it is a new one and there is no room for it. */
  find(key: unknown, time: number): Lane<T> | undefined {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    this.#forget(time);
    if (this.#lanes.size >= this.#max) return undefined;
    const lane = new Lane<T>(key, this.#rate);
    this.#lanes.set(key, lane);
    this.#order.push(lane);
    return lane;
  }

  clear(): void {
    this.#lanes.clear();
    this.#order.clear();
  }

  #forget(time: number): void {
    for (let lane = this.#order.first; lane !== undefined; lane = this.#order.first) {
      if (lane.clear < lane.pace.clear) {
        lane.clear = lane.pace.clear;
        this.#order.settle();
      } else if (lane.isWaiting || lane.clear > time) {
        return;
      } else {
        this.#lanes.delete(lane.key);
        this.#order.shift();
      }
    }
  }
}
