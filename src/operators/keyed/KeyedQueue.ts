import type { Slot } from '../../core/slot.ts';
import { SlotQueue } from '../../core/slots.ts';

/** The order of input where items in the middle may be given up. */
export class KeyedQueue<T, R> extends SlotQueue<T, R> {
  /** Puts a slot in front of all others. Finding it takes longer, the more stand in front of it. */
  toFront(slot: Slot<T, R>): void {
    let before: Slot<T, R> | undefined;
    for (let each = this.first; each !== slot; each = each!.next) before = each;
    if (before === undefined) return;
    before.next = slot.next;
    if (slot.next === undefined) this.last = before;
    slot.next = this.first;
    this.first = slot;
  }
}
