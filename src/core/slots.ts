import { UNFINISHED } from './outcome.ts';
import { Slot, type SlotOwner } from './slot.ts';

/** All slots of a stage: as many as ever were in use at once. */
export class Slots<T, R> {
  readonly #owner: SlotOwner<T, R>;
  readonly #all: Slot<T, R>[] = [];
  /** The first of those not in use; each knows the next. */
  #idle: Slot<T, R> | undefined;

  constructor(owner: SlotOwner<T, R>) {
    this.#owner = owner;
  }

  /** Takes a slot into use. */
  take(): Slot<T, R> {
    const slot = this.#idle ?? this.#newSlot();
    this.#idle = slot.next;
    return slot;
  }

  /** Takes a slot back, to be used again. */
  giveBack(slot: Slot<T, R>): void {
    slot.clear();
    slot.next = this.#idle;
    this.#idle = slot;
  }

  /** Those in which work runs. */
  running(): Slot<T, R>[] {
    return this.#all.filter((slot) => slot.isRunning);
  }

  /** Forgets them all. */
  clear(): void {
    this.#all.length = 0;
    this.#idle = undefined;
  }

  #newSlot(): Slot<T, R> {
    const slot = new Slot<T, R>(this.#owner);
    this.#all.push(slot);
    return slot;
  }
}

/** Slots in a row, linked by their `next`. */
export class SlotQueue<T, R> {
  /** The oldest. */
  first: Slot<T, R> | undefined;
  #last: Slot<T, R> | undefined;

  /** Adds a slot behind all others. */
  push(slot: Slot<T, R>): void {
    slot.next = undefined;
    if (this.first === undefined) this.first = slot;
    else this.#last!.next = slot;
    this.#last = slot;
  }

  /** Takes the oldest out, of which there must be one. */
  shift(): Slot<T, R> {
    const slot = this.first!;
    this.first = slot.next;
    return slot;
  }

  /** Takes the oldest out if it has ended and has nothing to deliver. */
  shiftEmpty(): Slot<T, R> | undefined {
    const { first } = this;
    return first === undefined || first.outcome === UNFINISHED || first.hasValue ? undefined : this.shift();
  }

  /** Forgets them all. */
  clear(): void {
    this.first = this.#last = undefined;
  }
}
