import type { Slot } from '../../core/slot.ts';
import { CANCEL, CELLS_A_PLACE, CLAIM, PLACES, TAKEN_BACK } from '../protocol.ts';
import type { Batch } from './Batch.ts';

/** The pool's side of the memory in which a thread claims the items that it begins: see `protocol.ts`. */
export class Claims {
  readonly cells = new Int32Array(new SharedArrayBuffer(PLACES * CELLS_A_PLACE * 4));

  /** Makes a place ready for another batch. */
  reset(place: number): void {
    Atomics.store(this.cells, place * CELLS_A_PLACE + CLAIM, 0);
    Atomics.store(this.cells, place * CELLS_A_PLACE + CANCEL, 0);
  }

  /** How many items of a batch have been begun; one more than it has once it is finished. */
  begun(batch: Batch, place: number): number {
    const claim = Atomics.load(this.cells, place * CELLS_A_PLACE + CLAIM);
    if (!batch.isStopped) return claim;
    return batch.limit > 0 && claim === TAKEN_BACK ? batch.limit : batch.slots.length + 1;
  }

  /** Says that nobody wants what runs at a place. */
  cancel(place: number): void {
    Atomics.store(this.cells, place * CELLS_A_PLACE + CANCEL, 1);
  }

  /** Keeps the thread from beginning another item of a batch. Gives those that it has not begun, and whether one runs. */
  stop(batch: Batch, place: number): { left: readonly Slot<unknown, unknown>[]; isRunning: boolean } {
    const { cells } = this;
    const claim = place * CELLS_A_PLACE + CLAIM;
    const { slots } = batch;
    if (batch.isStopped) return { left: [], isRunning: batch.limit > 0 && Atomics.load(cells, claim) === TAKEN_BACK };
    const begun = Atomics.exchange(cells, claim, TAKEN_BACK);
    batch.isStopped = true;
    batch.limit = Math.min(begun, slots.length);
    const isRunning = begun > 0 && begun <= slots.length;
    // It has gone past the last one: what it adds from now on must not look as if one of them still ran.
    if (!isRunning) Atomics.add(cells, claim, 1);
    return { left: slots.slice(begun), isRunning };
  }
}
