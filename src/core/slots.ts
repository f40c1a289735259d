import { UNFINISHED } from './outcome.ts';
import { Slot, type SlotOwner } from './slot.ts';
import type { WorkWatch } from './workWatch.ts';

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

  /** Ends all work early, and forgets the slots. `failed` hears of what goes wrong. */
  cancel(reason: unknown, watch: WorkWatch<T, R> | undefined, failed: (error: unknown) => void): void {
    for (const slot of this.#all) {
      if (!slot.isRunning) continue;
      if (slot.started !== 0) watch!.ended(slot);
      try {
        slot.cancel(reason);
      } catch (error) {
        failed(error);
      }
    }
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
  protected last: Slot<T, R> | undefined;

  /** Adds a slot behind all others. */
  push(slot: Slot<T, R>): void {
    slot.next = undefined;
    if (this.first === undefined) this.first = slot;
    else this.last!.next = slot;
    this.last = slot;
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
    this.first = this.last = undefined;
  }
}
