import type { Slot } from './slot.ts';

/**
 * Hears of work that begins and ends in a pool. One watch may stand in front of another, which it then tells as well. A pool without
 * one pays nothing for it.
 */
export interface WorkWatch<T, R> {
  /** The work on the item in `slot` begins. Gives what `slot.started` is to be: not 0 if the end matters. */
  began(slot: Slot<T, R>): number;
  /** It has failed, and will end. */
  failed?(slot: Slot<T, R>, error: unknown): void;
  /** It has ended, or it is being cancelled: then the slot still runs. */
  ended(slot: Slot<T, R>): void;
}

/** What `slot.started` is where the work is not timed and its end matters. */
export const UNTIMED = -1;
