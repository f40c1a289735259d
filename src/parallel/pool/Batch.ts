import type { Waiter } from '../../core/gate.ts';
import type { Slot } from '../../core/slot.ts';
import type { PoolUser } from './PoolUser.ts';

/** Some items of one stage on their way through a thread. */
export class Batch {
  readonly user: PoolUser;
  readonly slots: readonly Slot<unknown, unknown>[];
  /** Whether buffers were moved with the items, which so cannot be sent again. */
  moved: boolean;
  /** How many of the items have been reported. */
  reported = 0;
  /** Which of those given to its thread it is, from 0. */
  turn = 0;
  /** How many are to be begun, where the rest was taken back. */
  limit: number;
  isStopped = false;
  /** How many were begun when the watch last looked, and when that number last changed. */
  seen = 0;
  seenAt = 0;
  /** Whether the item that runs waits until the stage has room. */
  isHeldBack = false;
  /** Who waits for room for further values of the item that runs. */
  readonly owed = new Set<Waiter>();
  /** Whether nobody wants its results any more. */
  isCancelled = false;

  constructor(user: PoolUser, slots: readonly Slot<unknown, unknown>[], moved: boolean) {
    this.user = user;
    this.slots = slots;
    this.limit = slots.length;
    this.moved = moved;
  }
}
