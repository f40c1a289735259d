/**
 * A first-in first-out queue in a circular array: `push` and `shift` cost the same however many items it holds.
 *
 * It grows by doubling, and gives the memory of a large burst back once it is empty again. It has no bound of its own:
 * the stage that owns it counts what it holds.
 */
export class Ring<T> {
  #slots = emptySlots<T>(SMALL);
  #head = 0;
  #length = 0;

  /** How many items are queued. */
  get length(): number {
    return this.#length;
  }

  /** Adds an item behind all others. */
  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    const slots = this.#slots;
    slots[(this.#head + this.#length++) & (slots.length - 1)] = item;
  }

  /** Takes the oldest item. `undefined` when empty: look at `length` where `undefined` may be an item. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const slots = this.#slots;
    const head = this.#head;
    const item = slots[head];
    slots[head] = undefined;
    this.#head = (head + 1) & (slots.length - 1);
    if (--this.#length === 0 && slots.length > LARGE) this.clear();
    return item;
  }

  /** The oldest item, left in place. */
  peek(): T | undefined {
    return this.#slots[this.#head];
  }

  /** Exchanges the newest item for what `change` makes of it. Does nothing when empty. */
  changeLast(change: (item: T) => T): void {
    if (this.#length === 0) return;
    const last = (this.#head + this.#length - 1) & (this.#slots.length - 1);
    this.#slots[last] = change(this.#slots[last] as T);
  }

  /** Forgets every item. */
  clear(): void {
    this.#slots = emptySlots(SMALL);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = emptySlots<T>(old.length * 2);
    for (let i = 0; i < this.#length; i++) slots[i] = old[(this.#head + i) & (old.length - 1)];
    this.#slots = slots;
    this.#head = 0;
  }
}

/** Filled, so that V8 does not take it for an array of small integers and has to change its mind at the first item. */
function emptySlots<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined);
}

/** Both are powers of two, which lets an index wrap round with `&`. */
const SMALL = 8;
const LARGE = 1024;
