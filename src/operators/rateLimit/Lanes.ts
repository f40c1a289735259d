import type { Ring } from '../../core/ring.ts';
import { Pace, type Rate } from './Pace.ts';

/** What is known of one key: its pace, and those of its items that wait. */
export class Lane<T> {
  readonly key: unknown;
  readonly pace: Pace;
  /** Made when an item has to wait, which most keys' never do. */
  items: Ring<T> | undefined;

  constructor(key: unknown, rate: Rate) {
    this.key = key;
    this.pace = new Pace(rate);
  }

  get isWaiting(): boolean {
    return this.items !== undefined && this.items.length > 0;
  }
}

/**
 * The lanes of all keys that are not yet as if they had never been. They stand in the order in which they were last used, which is
 * also the order in which they can be forgotten: so forgetting one takes the same time however many there are.
 */
export class Lanes<T> {
  readonly #rate: Rate;
  readonly #max: number;
  readonly #lanes = new Map<unknown, Lane<T>>();

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
    const [oldest] = this.#lanes.values();
    return oldest?.pace.clear ?? -Infinity;
  }

  /** The lane of a key; `undefined` if it is a new one and there is no room for it. */
  find(key: unknown, time: number): Lane<T> | undefined {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    this.#forget(time);
    if (this.#lanes.size >= this.#max) return undefined;
    const lane = new Lane<T>(key, this.#rate);
    this.#lanes.set(key, lane);
    return lane;
  }

  /** An item of this lane passes. */
  take(lane: Lane<T>, time: number): void {
    lane.pace.take(time);
    if (!this.#lanes.delete(lane.key)) return;
    this.#lanes.set(lane.key, lane);
  }

  clear(): void {
    this.#lanes.clear();
  }

  #forget(time: number): void {
    for (const lane of this.#lanes.values()) {
      if (lane.isWaiting || lane.pace.clear > time) return;
      this.#lanes.delete(lane.key);
    }
  }
}
