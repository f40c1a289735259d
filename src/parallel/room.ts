import { Waiter, type Gate } from '../core/gate.ts';
import type { Batch } from './pool/Batch.ts';

/** Calls `more` once there is room for further values of the item of `batch` that runs: now, when `gate` opens, or when the item has ended. */
export function whenThereIsRoom(batch: Batch, gate: Gate, more: () => void): void {
  if (gate.isOpen) return more();
  const waiter = new Waiter(() => {
    batch.owed.delete(waiter);
    more();
  });
  batch.owed.add(waiter);
  gate.wait(waiter);
}

/** The item whose values were waited with has ended: its gate opens no more, and the next item is not to wait for it. */
export function makeRoom(batch: Batch): void {
  for (const waiter of batch.owed) {
    waiter.cancel();
    waiter.wake();
  }
}
