import type { Origin } from './origin.ts';
import type { OnError, Order } from './options.ts';
import type { Slot } from './slot.ts';

/** Starts the work on the item in a slot; an error that it throws counts as the item's. */
export type Executor<T, R> = (slot: Slot<T, R>) => void;

/** What a {@link Pool} is told about itself: checked `StageOptions`. */
export interface PoolSettings<T> {
  readonly name: string;
  /** How many items may run at once, at first. */
  readonly concurrency: number;
  /** How many may wait besides; `undefined` means twice as many as may run. */
  readonly capacity: number | undefined;
  readonly order: Order;
  readonly onError: OnError<T>;
  readonly overflowLimit?: number | undefined;
  /** Where the stage was made, if that is noted. */
  readonly origin?: Origin | undefined;
}

/** How many items a pool may hold, and how many fewer it holds before its gate opens again. */
export function roomFor(concurrency: number, capacity = 2 * concurrency): { bound: number; burst: number } {
  // Finite, so that what is left of it can be reckoned.
  return { bound: Math.min(concurrency + capacity, 1e15), burst: Math.max(Math.min(capacity >> 1, MAX_BURST), 1) };
}

/** Enough to make the waking of a source cheap, and few enough that several sources take turns. */
const MAX_BURST = 32;
