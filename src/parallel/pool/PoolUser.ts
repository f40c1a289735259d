import type { Slot } from '../../core/slot.ts';
import type { ResultsMessage, ToThread } from '../protocol.ts';
import type { Batch } from './Batch.ts';
import type { Death } from './Thread.ts';

/** What a stage has for a seat to run. */
export interface Work {
  readonly batch: Batch;
  /** Sends it on its way. Says whether it could be: something in it may be what cannot be sent. */
  send(this: void, place: number, task: number, thread: Receiver): boolean;
}

/** Takes messages for a thread. */
export interface Receiver {
  post(message: ToThread, transfer?: readonly ArrayBuffer[]): void;
}

/** A stage whose items the threads of a pool run. */
export interface PoolUser {
  /** The name of the stage. */
  readonly name: string;
  /** The module of its task, and the task's name in it. */
  readonly url: string;
  readonly task: string;
  /** Milliseconds that one item may take. */
  readonly timeout: number | undefined;
  /** Whether an item may only run on the seat of its key. */
  readonly isKeyed: boolean;
  /** Milliseconds that an item takes on average, as far as is known. */
  readonly cost: number;
  /** How many items wait for this seat. */
  backlog(seat: number): number;
  /** The next items for this seat, no more than `most`. */
  nextWork(seat: number, most: number): Work | undefined;
  /** Some items of a batch have ended. */
  results(batch: Batch, message: ResultsMessage): void;
  /** The item that runs has given some values. `more` is to be called once there is room for others. */
  values(batch: Batch, values: readonly unknown[], more: () => void): void;
  /**
   * Items were not begun, or their results lost: they are to run again, before all others, and if one of them is
   * to blame for that and which is not known, one by one.
   */
  giveBack(slots: readonly Slot<unknown, unknown>[], seat: number, oneByOne?: boolean): void;
  /** The item's result could be sent, and not be read. */
  unreadable(slot: Slot<unknown, unknown>, error: unknown): void;
  /** The batch could be sent, and not be read: one of its items is to blame. Those that are `left` of it were not begun. */
  unread(batch: Batch, left: readonly Slot<unknown, unknown>[], seat: number, error: unknown): void;
  /** The thread died while it worked on an item, or held items that cannot be sent again. */
  blame(slot: Slot<unknown, unknown>, death: Death, isFinal: boolean): void;
  /** The item that ran took longer than it may. */
  timedOut(slot: Slot<unknown, unknown>, isFinal: boolean): void;
  /** The stage cannot go on. */
  failed(error: unknown): void;
  /** The pool has another number of seats than `before`. */
  resized(before: number): void;
  /** The seat has another thread from now on, or none. */
  moved(seat: number, reason: Exclude<MoveReason, 'resized'>): void;
}

/** Why a key's state is gone: its thread died, was ended to be replaced, or the pool has another size. */
export type MoveReason = 'crashed' | 'recycled' | 'resized';
