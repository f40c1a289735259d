import { type Gate, Waiter } from '../core/gate.ts';
import { Heap } from '../core/Heap.ts';
import type { SortedLane } from './SortedLane.ts';

/**
 * Says which lane of a sorted merge sends next: the one with the smallest item, once no lane that lives is without one.
 */
export class SortedTurns<T> {
  /** Whether a source has sent more than its lane may hold. */
  isOverrun = false;
  /** Whether keys are texts, once there has been one. */
  hasTexts: boolean | undefined;
  /** Those with an item. */
  readonly #ready = new Heap<SortedLane<T>>((a, b) => a.isBefore(b));
  readonly #waiter = new Waiter(() => this.#woken());
  #below: Gate | undefined;
  #lanes = 0;
  /** How many sources may still send something and have nothing here, also those that are not subscribed yet. */
  #missing: number;
  #isServing = false;
  /** The lane whose item waits for the gate below. */
  #blocked: SortedLane<T> | undefined;

  constructor(sources: number) {
    this.#missing = sources;
  }

  /** Takes a lane in. All lanes have the same gate below. */
  join(below: Gate): void {
    this.#below = below;
    if (this.#lanes++ === 0) below.attach();
  }

  /** Lets a lane go that has ended, with nothing left in it. */
  leave(): void {
    this.#missing--;
    if (--this.#lanes === 0) {
      this.#below!.attached--;
      this.#waiter.cancel();
    }
  }

  /** Takes note that a lane has an item again, and sends whatever may be sent now. */
  ready(lane: SortedLane<T>): void {
    this.#missing--;
    this.#ready.push(lane);
    this.serve();
  }

  /** Sends whatever may be sent now. */
  serve(): void {
    // What is sent from within an item comes after it, for every observer.
    if (this.#isServing) return;
    this.#isServing = true;
    const below = this.#below!;
    try {
      while (this.#missing === 0 && this.#ready.length > 0 && this.#lanes > 0) {
        if (!below.isOpen) {
          this.#blocked = this.#ready.first;
          this.#blocked!.block();
          break;
        }
        const lane = this.#ready.shift()!;
        const hasMore = lane.give();
        if (hasMore) this.#ready.push(lane);
        else this.#missing++;
        // The source may send the next item now, and then the lane is ready again; or have ended, and then it leaves.
        lane.refill();
      }
    } finally {
      this.#isServing = false;
    }
    if (this.#blocked !== undefined) below.wait(this.#waiter);
  }

  #woken(): void {
    this.#blocked?.unblock();
    this.#blocked = undefined;
    this.serve();
  }
}
