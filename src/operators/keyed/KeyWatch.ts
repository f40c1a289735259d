import type { Slot } from '../../core/slot.ts';
import { UNTIMED, type WorkWatch } from '../../core/workWatch.ts';

/** Tells a keyed pool whose work has ended, so that the next of the same key can begin. */
export class KeyWatch<T, R> implements WorkWatch<T, R> {
  readonly #inner: WorkWatch<T, R> | undefined;
  readonly #ended: (slot: Slot<T, R>) => void;

  constructor(inner: WorkWatch<T, R> | undefined, ended: (slot: Slot<T, R>) => void) {
    this.#inner = inner;
    this.#ended = ended;
  }

  began(slot: Slot<T, R>): number {
    return this.#inner?.began(slot) || UNTIMED;
  }

  failed(slot: Slot<T, R>, error: unknown): void {
    this.#inner?.failed?.(slot, error);
  }

  ended(slot: Slot<T, R>): void {
    this.#inner?.ended(slot);
    if (!slot.isRunning) this.#ended(slot);
  }
}
