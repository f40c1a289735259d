import { Ring } from '../../core/ring.ts';
import type { Slot } from '../../core/slot.ts';

/** The items of one key that are in the stage. It lasts as long as there are any. */
export class Line<T, R> {
  readonly key: unknown;
  /** How many there are: arrived, waiting in line, or at work. */
  items = 0;
  /** How many are at work. */
  running = 0;
  /** How many of its turns to begin an item are still to come. */
  turns = 0;
  #first: Slot<T, R> | undefined;
  /** Those behind the first: most lines never have any. */
  #more: Ring<Slot<T, R>> | undefined;

  constructor(key: unknown) {
    this.key = key;
  }

  /** How many wait in it. */
  get length(): number {
    return this.#first === undefined ? 0 : 1 + (this.#more?.length ?? 0);
  }

  push(slot: Slot<T, R>): void {
    if (this.#first === undefined) this.#first = slot;
    else (this.#more ??= new Ring()).push(slot);
  }

  /** Takes the oldest, of which there must be one. */
  shift(): Slot<T, R> {
    const slot = this.#first!;
    this.#first = this.#more?.shift();
    return slot;
  }
}
