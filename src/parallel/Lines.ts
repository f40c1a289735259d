import type { Slot } from '../core/slot.ts';
import { bytesOf } from './codec/buffersOf.ts';
import { homeOf, nameOfKey, type KeyName } from '../core/homeOf.ts';
import { SlotLine } from './SlotLine.ts';

/** What waits for a thread: in one line for all, or where items have keys, in one for each seat. */
export class Lines<T, R> {
  readonly #lines: (SlotLine<T, R> | undefined)[] = [];
  readonly #key: ((item: T) => unknown) | undefined;
  readonly #seats: () => number;
  /** The keys of the items at work or in line. */
  readonly #keys = new WeakMap<object, KeyName>();

  constructor(key: ((item: T) => unknown) | undefined, seats: () => number) {
    this.#key = key;
    this.#seats = seats;
  }

  /** How many items wait. */
  get length(): number {
    let length = 0;
    for (const line of this.#lines) length += line?.length ?? 0;
    return length;
  }

  /** The line for a seat, if there ever was anything in it. */
  at(seat: number): SlotLine<T, R> | undefined {
    return this.#lines[this.#key === undefined ? 0 : seat];
  }

  /** Adds an item that has begun. Throws what `key` throws. */
  add(slot: Slot<T, R>, bytes: number): void {
    if (this.#key !== undefined) this.#keys.set(slot, nameOfKey(this.#key(slot.item)));
    this.#lineFor(this.homeOf(slot)).push(slot, bytes);
  }

  putBack(slots: readonly Slot<T, R>[], seat: number, oneByOne: boolean): void {
    this.#lineFor(seat).putBack(slots, oneByOne);
  }

  keyOf(slot: object): KeyName | undefined {
    return this.#keys.get(slot);
  }

  /** The seat that an item belongs to. */
  homeOf(slot: object): number {
    return this.#key === undefined ? 0 : homeOf(this.#keys.get(slot), this.#seats());
  }

  /** The item that has waited longest in one of them. */
  takeOne(): Slot<T, R> | undefined {
    return this.#lines.find((line) => line !== undefined && line.length > 0)?.take(1, Infinity)[0];
  }

  /** Puts every item into the line of its seat, when there is another number of them. */
  rearrange(): void {
    const all = this.#lines.flatMap((line) => line?.takeAll() ?? []).toSorted((a, b) => a.index - b.index);
    for (const slot of all) this.#lineFor(this.homeOf(slot)).push(slot, bytesOf(slot.item));
  }

  clear(): void {
    for (const line of this.#lines) line?.clear();
  }

  #lineFor(seat: number): SlotLine<T, R> {
    return (this.#lines[this.#key === undefined ? 0 : seat] ??= new SlotLine());
  }
}
