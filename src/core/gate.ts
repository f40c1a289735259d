import type { Flow } from './flow.ts';

/** One party that may wait at a gate: a pausable source or a stage. Made once a subscription and used again for every wait. */
export class Waiter {
  /** The gate whose queue this waiter stands in, if any. @internal */
  gate: Gate | undefined;
  /** @internal */
  next: Waiter | undefined;
  /** @internal */
  previous: Waiter | undefined;
  /** Called once each time the gate lets this waiter go on. */
  readonly wake: () => void;

  constructor(wake: () => void) {
    this.wake = wake;
  }

  /** Leaves the queue it stands in. Harmless when it stands in none. */
  cancel(): void {
    this.gate?.remove(this);
  }
}

/**
 * What a stage shows to everything above it: open, or closed while the stage holds as much as it may (rules G1 to G4).
 *
 * Whoever finds it closed calls {@link Gate.wait} and is woken synchronously once it opens, in FIFO order, one at a time
 * for as long as it stays open. All operations take constant time and none throws.
 */
export class Gate {
  /** The run that this gate belongs to, if the flow was started by `run`. */
  readonly flow: Flow | undefined;
  /** Whether what comes through here is the result of an item, rather than a source of items of its own. */
  readonly isInner: boolean;
  /** How many pausable sources and stages found this gate below them and have not ended. */
  attached = 0;
  /** Whether any ever did. */
  hadAttached = false;
  /** Kept the other way round, because a test of a field that is false is the cheaper one. */
  #isClosed = false;
  #waking = false;
  #waiting = 0;
  #head: Waiter | undefined;
  #tail: Waiter | undefined;

  constructor(flow?: Flow, isInner = false) {
    this.flow = flow;
    this.isInner = isInner;
  }

  /** Whether the stage takes another item now. */
  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** How many stand in the queue. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Whether an item that arrives now comes from something that cannot be paused: the gate is closed, and everything that
   * can be paused already stands in the queue (rule G7).
   */
  get isOverrun(): boolean {
    return this.#isClosed && this.#waiting >= this.attached;
  }

  /** Counts one more that found this gate below it. `attached` is counted down when it ends. */
  attach(): void {
    this.attached++;
    this.hadAttached = true;
  }

  /** Stops everything above after the item that is under way. */
  close(): void {
    this.#isClosed = true;
  }

  /** Opens and wakes the waiters one after the other until one of them makes the gate close again. */
  open(): void {
    this.#isClosed = false;
    // A waiter that opens the gate again while it is being woken must not start a second loop: this one goes on.
    if (this.#waking) return;
    this.#waking = true;
    try {
      while (!this.#isClosed && this.#head !== undefined) {
        const waiter = this.#head;
        this.remove(waiter);
        waiter.wake();
      }
    } finally {
      this.#waking = false;
      // One that throws must not keep the others waiting.
      if (!this.#isClosed && this.#head !== undefined) this.open();
    }
  }

  /** Queues `waiter` behind the others; it is woken once, at once if the gate is open. Does nothing if it already stands in this queue. */
  wait(waiter: Waiter): void {
    if (waiter.gate === this) return;
    waiter.cancel();
    waiter.gate = this;
    waiter.previous = this.#tail;
    if (this.#tail === undefined) this.#head = waiter;
    else this.#tail.next = waiter;
    this.#tail = waiter;
    this.#waiting++;
    if (!this.#isClosed) this.open();
  }

  /** Takes `waiter` out of the queue. Does nothing if it stands elsewhere. */
  remove(waiter: Waiter): void {
    if (waiter.gate !== this) return;
    if (waiter.previous === undefined) this.#head = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#tail = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.gate = waiter.next = waiter.previous = undefined;
    this.#waiting--;
  }
}
