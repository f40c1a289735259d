import type { ItemContext } from '../../core/slot.ts';
import type { Task } from './schedule.ts';

/**
 * How far an item has come: not sent; sent; its work under way; failed and with a dead letter that has not been taken; its work
 * over; given up by a policy.
 */
export type ItemState = 'unsent' | 'sent' | 'running' | 'letter' | 'done' | 'failed' | 'dropped';

/** When a value was given: the frame, and its place among all that were told at that moment, where that is known. */
export interface Given {
  readonly frame: number;
  rank: number | undefined;
}

/** One item of a simulated run, and everything that is known of it. */
export class Item {
  readonly index: number;
  readonly task: Task;
  /** Items of one key keep their order. */
  readonly key: unknown;
  state: ItemState = 'unsent';
  /** When the operator was given its values. */
  readonly given: Given[] = [];
  /** What its values are called where they leave. */
  readonly names: string[] = [];
  /** How many of its values have left; of an item that is passed on as it is, 1. */
  delivered = 0;
  /** What the function was told. */
  context: ItemContext | undefined;
  /** Whether the operator holds something that has to be ended: a subscription, an iterator. */
  isOpen = false;
  /** Ends the work now, where it can be ended from outside. */
  settle: (() => void) | undefined;
  /** Called when the operator hears of what a promise gave. */
  told: (() => void) | undefined;
  /** Takes its dead letter now. */
  take: (() => void) | undefined;

  constructor(index: number, task: Task, key: unknown) {
    this.index = index;
    this.task = task;
    this.key = key;
  }

  /** Whether its work is under way, a dead letter included. */
  get isUnfinished(): boolean {
    return this.state === 'running' || this.state === 'letter';
  }

  /** Whether the operator can have nothing more of it. */
  get hasLeft(): boolean {
    if (this.state === 'sent') return this.delivered > 0;
    if (this.state === 'done' || this.state === 'failed') return this.delivered === this.given.length;
    return this.state === 'dropped';
  }

  /** Whether an operator must be holding it. */
  get isHeld(): boolean {
    return this.state !== 'unsent' && !this.hasLeft;
  }

  /** Notes that the operator is given a value, and gives what to say more of it in. */
  give(name: string, given: Given): Given {
    this.names.push(name);
    this.given.push(given);
    return given;
  }
}
