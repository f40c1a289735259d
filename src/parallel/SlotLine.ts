import { Ring } from '../core/ring.ts';
import type { Slot } from '../core/slot.ts';
import { bytesOf } from './codec/buffersOf.ts';

/** Items that wait for a thread, with their size; those that came back go first. */
export class SlotLine<T, R> {
  readonly #slots = new Ring<Slot<T, R>>();
  readonly #bytes = new Ring<number>();
  /** The newest last; each stands before all of `#slots`. */
  #returned: Slot<T, R>[] = [];
  #oneByOne = false;

  get length(): number {
    return this.#slots.length + this.#returned.length;
  }

  push(slot: Slot<T, R>, bytes: number): void {
    this.#slots.push(slot);
    this.#bytes.push(bytes);
  }

  /** Puts items back before all others, in their order in the input. */
  putBack(slots: readonly Slot<T, R>[], oneByOne: boolean): void {
    this.#returned = [...this.#returned, ...slots].toSorted((a, b) => a.index - b.index);
    this.#oneByOne ||= oneByOne;
  }

  /** Takes up to `most` items that are not larger than `maxBytes` together; one item at least. */
  take(most: number, maxBytes: number): Slot<T, R>[] {
    if (this.#returned.length > 0) return this.#returned.splice(0, this.#oneByOne ? 1 : this.#fitting(most, maxBytes));
    this.#oneByOne = false;
    const slots: Slot<T, R>[] = [];
    let bytes = 0;
    while (slots.length < most && this.#slots.length > 0) {
      bytes += this.#bytes.peek()!;
      if (bytes > maxBytes && slots.length > 0) break;
      this.#bytes.shift();
      slots.push(this.#slots.shift()!);
    }
    return slots;
  }

  /** Takes all. */
  takeAll(): Slot<T, R>[] {
    const returned = this.#returned.splice(0);
    return [...returned, ...this.take(Infinity, Infinity)];
  }

  /** How many of those that came back. Their sizes are not kept: few come back. */
  #fitting(most: number, maxBytes: number): number {
    let bytes = 0;
    const end = this.#returned.slice(0, most).findIndex(({ item }, i) => (bytes += bytesOf(item)) > maxBytes && i > 0);
    return end < 0 ? most : end;
  }

  clear(): void {
    this.#slots.clear();
    this.#bytes.clear();
    this.#returned = [];
  }
}
