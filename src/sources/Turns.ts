import { type Gate, Waiter } from '../core/gate.ts';
import { Ring } from '../core/ring.ts';
import type { Lane } from './Lane.ts';

/**
 * Says which lane of a fan-in sends next: round robin over those that hold an item, each as many in a row as it weighs.
 * Finding the next takes the same time however many lanes there are. (It is deficit round robin, M. Shreedhar and
 * G. Varghese 1995, with items that all have the same size.)
 */
export class Turns<T> {
  /** Whether a source has sent more than its lane may hold. */
  isOverrun = false;
  /** The lanes that hold an item, without the current one. */
  readonly #queue = new Ring<Lane<T>>();
  readonly #waiter = new Waiter(() => this.#serve());
  #below: Gate | undefined;
  #lanes = 0;
  /** The lane whose turn it is, also while it has nothing; how many items it may still send. */
  #current: Lane<T> | undefined;
  #left = 0;
  #serving = false;

  /** Takes a lane in. All lanes have the same gate below. */
  join(below: Gate): void {
    this.#below = below;
    if (this.#lanes++ === 0) below.attach();
  }

  /** Lets a lane go that has ended. */
  leave(): void {
    if (--this.#lanes > 0) return;
    this.#below!.attached--;
    this.#waiter.cancel();
  }

  /** Whether an item that comes now may be sent at once: nothing else waits to be sent. If so, {@link Turns.exit} has to follow. */
  enter(): boolean {
    if (this.#serving || !this.#below!.isOpen || this.#current !== undefined || this.#queue.length > 0) return false;
    this.#serving = true;
    return true;
  }

  /** Sends what has come while that item was sent. */
  exit(): void {
    this.#serving = false;
    if (this.#queue.length > 0) this.#serve();
  }

  /** Takes note of an item that has come to `lane`, and sends whatever may be sent now. */
  ready(lane: Lane<T>): void {
    if (lane !== this.#current && lane.held === 1) this.#queue.push(lane);
    this.#serve();
  }

  #serve(): void {
    // What is sent from within an item comes after it, for every observer.
    if (this.#serving) return;
    this.#serving = true;
    const below = this.#below!;
    try {
      while (below.isOpen) {
        const lane = this.#next();
        if (lane === undefined) return;
        lane.give();
      }
    } finally {
      this.#serving = false;
    }
    // The last lane may have ended within its item.
    if (this.#lanes > 0) below.wait(this.#waiter);
  }

  #next(): Lane<T> | undefined {
    let lane = this.#current;
    if (lane !== undefined && lane.held > 0) {
      if (--this.#left >= 0) return lane;
      this.#queue.push(lane);
    }
    // Lanes that have been unsubscribed while they stood there hold nothing.
    do lane = this.#queue.shift();
    while (lane?.held === 0);
    this.#current = lane;
    this.#left = lane === undefined ? 0 : lane.weight - 1;
    return lane;
  }
}
