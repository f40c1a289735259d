import { handOver } from './deadLetter.ts';
import { Gate } from './gate.ts';
import type { DeadLetterTarget } from './options.ts';
import { COMPLETED, DEAD_LETTERED, FAILED, Part, UNFINISHED, WHOLE, count } from './outcome.ts';
import { roomFor, type Executor, type PoolSettings } from './poolSettings.ts';
import { Ring } from './ring.ts';
import type { Slot, SlotOwner } from './slot.ts';
import { SlotQueue, Slots } from './slots.ts';
import { Stage, type Connection } from './stage.ts';
import type { WorkWatch } from './workWatch.ts';

/**
 * The stage that works: waiting → running (no more than the limit) → finished → downstream. Everything that runs
 * something for each item is this with another {@link Executor}.
 *
 * In input order, an item counts as held until everything before it has left, so that a slow first item bounds the rest.
 */
export class Pool<T, R> extends Stage<T, R> implements SlotOwner<T, R> {
  /** Starts the work on an item. @internal */
  execute: Executor<T, R>;
  readonly #settings: PoolSettings<T>;
  readonly #asResults: boolean;
  #limit = 0;
  /** The place in the input of the next item. */
  protected index = 0;
  #running = 0;
  readonly #slots: Slots<T, R>;
  /** Completion order: results that wait, and the ends of items that gave several. */
  readonly #finished = new Ring<R | Part<R>>();
  /** Input order, and only there: the slots of all items that have begun and not left. */
  readonly #sequence: SlotQueue<T, R> | undefined;
  /** Completion order: what sources see that give an item's values. */
  #innerGate: Gate | undefined;
  /** Hears of work that begins and ends, if anyone wants to know. @internal */
  watch: WorkWatch<T, R> | undefined;
  /** Whether a value is being sent down at this moment: another must queue behind it. */
  #sending = false;

  constructor(
    connection: Connection<R>,
    settings: PoolSettings<T>,
    execute: Executor<T, R>,
    sequence = settings.order === 'input' ? new SlotQueue<T, R>() : undefined,
  ) {
    super(connection, { ...settings, ...roomFor(settings.concurrency, settings.capacity), definition: settings });
    this.#settings = settings;
    this.#slots = new Slots(this);
    this.execute = execute;
    this.#limit = this.telemetry.concurrency = settings.concurrency;
    this.#sequence = sequence;
    this.#asResults = settings.onError === 'emit';
    this.gate.flow?.equip?.(this);
  }

  /** Changes how many items may run at once. What runs beyond a lower limit runs on. */
  setLimit(limit: number, capacity = this.#settings.capacity): void {
    this.#limit = this.telemetry.concurrency = limit;
    Object.assign(this, roomFor(limit, capacity));
    this.drain();
  }

  protected override step(): boolean {
    if (this.#hasResult()) {
      if (this.#sequence === undefined) this.#deliverFinished();
      else this.#deliverNext(this.#sequence.first!);
      return true;
    }
    if (this.#letInnersOn()) return true;
    if (this.#running >= this.#limit || !this.beginNext()) return false;
    return this.#running < this.#limit || this.#hasResult();
  }

  protected override cancel(reason: unknown): void {
    this.#slots.cancel(reason, this.watch, (error) => this.lateError(error));
    // As with the stage's own gate: whoever still waits there does not belong to this subscription.
    this.#innerGate?.open();
    this.#running = 0;
    this.#finished.clear();
    this.#sequence?.clear();
  }

  /** Begins the work on the item whose turn it is. Says whether there was one. */
  protected beginNext(): boolean {
    if (this.waiting.length === 0) return false;
    this.start(this.take(this.waiting.shift() as T));
    return true;
  }

  /** Gives an item its place in the order. From here on it is inside, and has to be started, or ended. */
  protected take(item: T): Slot<T, R> {
    const slot = this.#slots.take();
    slot.begin(item, this.index++);
    this.inside++;
    this.#sequence?.push(slot);
    return slot;
  }

  /** Begins the work on an item that was taken. */
  protected start(slot: Slot<T, R>): void {
    this.#running++;
    slot.started = this.watch === undefined ? 0 : this.watch.began(slot);
    try {
      this.execute(slot);
    } catch (error) {
      // What comes from below a result that has already left is not the item's.
      if (!slot.isRunning && !this.ended) throw error;
      slot.reject(error);
    }
  }

  /** @internal */
  emitted(slot: Slot<T, R>, value: R): void {
    if (this.ended || !slot.isRunning) return;
    slot.many = true;
    if (this.#isClear(slot)) return this.#send(this.#wrap(value));
    this.#keep(slot, this.#wrap(value), UNFINISHED);
    this.drain();
  }

  /** @internal */
  finished(slot: Slot<T, R>): void {
    if (this.#leaveRunning(slot)) this.endOf(slot, COMPLETED);
  }

  /** @internal */
  resolved(slot: Slot<T, R>, value: R): void {
    if (!this.#leaveRunning(slot)) return;
    const result = this.#wrap(value);
    if (!this.#isClear(slot)) return this.#endWith(slot, result, COMPLETED);
    // The way of most results: nothing is in front of it, so it need not queue.
    this.#dismiss(slot);
    this.telemetry.completed++;
    this.#send(result);
  }

  /** @internal */
  rejected(slot: Slot<T, R>, error: unknown): void {
    if (this.ended) {
      // What a cancelled task says about being cancelled is not news.
      if (!slot.isCancellation(error)) this.lateError(error);
      return;
    }
    if (!slot.isRunning) return;
    this.watch?.failed?.(slot, error);
    const { onError } = this.#settings;
    if (typeof onError === 'object') return this.#deadLetter(slot, error, onError.deadLetter);
    if (onError === 'stop') return this.#failItem(slot, error);
    if (!this.#leaveRunning(slot)) return this.lateError(error);
    if (onError === 'skip') return this.endOf(slot, FAILED);
    this.#endWith(slot, { ok: false, error, item: slot.item } as R, FAILED);
  }

  /** @internal */
  gateOf(slot: Slot<T, R>): Gate {
    const { flow } = this.gate;
    if (this.#sequence !== undefined) return (slot.gate ??= new Gate(flow, true));
    return (this.#innerGate ??= new Gate(flow, true));
  }

  /** The item stays in its slot until the dead letter has taken it. */
  #deadLetter(slot: Slot<T, R>, error: unknown, target: DeadLetterTarget<T>): void {
    const letter = { item: slot.item, error, attempts: slot.attempt, stage: this.name };
    const taken = (): void => {
      if (this.#leaveRunning(slot)) this.endOf(slot, DEAD_LETTERED);
    };
    handOver(letter, target, taken, (failure) => this.#failItem(slot, failure));
  }

  /** Fails the stage because of an item, unless that is over by now. */
  #failItem(slot: Slot<T, R>, error: unknown): void {
    // As they are now: the place goes with the work.
    const { item, index, attempt } = slot;
    if (this.#leaveRunning(slot)) {
      this.telemetry.failed++;
      this.inside--;
    }
    this.fail(error, { item, index, attempt });
  }

  /** Says whether the slot was running: false for a report that comes after the stage has ended. */
  #leaveRunning(slot: Slot<T, R>): boolean {
    if (this.ended || !slot.isRunning) return false;
    slot.index = -1;
    this.#running--;
    return (slot.started === 0 && slot.gate === undefined) || this.#letGo(slot);
  }

  /**
   * Tells whoever waits for it that the work has ended. Says whether the stage goes on. What they change, such as the limit, takes
   * effect once the item has left.
   */
  #letGo(slot: Slot<T, R>): boolean {
    const { draining } = this;
    const { gate } = slot;
    this.draining = true;
    if (slot.started !== 0) this.watch!.ended(slot);
    slot.started = 0;
    // Whoever waits at the gate of what has ended does not belong to it (a shared source): it must not freeze.
    slot.gate = undefined;
    gate?.open();
    this.draining = draining;
    return !this.ended;
  }

  /** Whether nothing is in the way of a value that `slot` gives now. */
  #isClear(slot: Slot<T, R>): boolean {
    if (this.#sending || !this.below.isOpen) return false;
    return this.#sequence === undefined ? this.#finished.length === 0 : this.#sequence.first === slot && !slot.hasValue;
  }

  /** Keeps the last or only value of an item that has ended, until it can be delivered. */
  #endWith(slot: Slot<T, R>, value: R, outcome: number): void {
    if (this.#sequence === undefined) {
      this.#finished.push(outcome === COMPLETED ? value : new Part(value, outcome));
      this.#slots.giveBack(slot);
    } else {
      slot.outcome = outcome;
      this.#keep(slot, value, outcome);
    }
    this.drain();
  }

  /** Ends an item without a further value. */
  protected endOf(slot: Slot<T, R>, outcome: number): void {
    if (this.#sequence !== undefined) {
      slot.outcome = outcome;
      this.#dismissEmpty(this.#sequence);
    } else {
      // Behind its own values, so that the item is held until they have left.
      if (slot.many && this.#finished.length > 0) this.#finished.push(new Part<R>(undefined, outcome, false));
      else {
        this.inside--;
        count(this.telemetry, outcome);
      }
      this.#slots.giveBack(slot);
    }
    this.drain();
  }

  /** Keeps a value until it can be delivered. The first that an item keeps takes the item's own room. */
  #keep(slot: Slot<T, R>, value: R, outcome: number): void {
    const isSurplus = slot.hasValue;
    if (this.#sequence === undefined) {
      slot.hasValue = true;
      this.#finished.push(new Part(value, outcome, true, isSurplus));
      this.#innerGate?.close();
    } else slot.put(value);
    if (isSurplus) this.surplus++;
    if (slot === this.#sequence?.first || this.load >= this.bound) slot.gate?.close();
    this.guard();
  }

  /** Whether there is a value to deliver, as far as order goes. */
  #hasResult(): boolean {
    return this.#sequence === undefined ? this.#finished.length > 0 : this.#sequence.first?.hasValue === true;
  }

  /** Completion order: delivers the oldest result. Ends right behind it need no room below, and go with it. */
  #deliverFinished(): void {
    const next = this.#finished.shift() as R | Part<R>;
    this.#takeOut(next);
    for (let end = this.#finished.peek(); end instanceof Part && !end.hasValue; end = this.#finished.peek())
      this.#takeOut(this.#finished.shift() as Part<R>);
    this.#send(next instanceof Part ? (next.value as R) : next);
  }

  #takeOut(result: R | Part<R>): void {
    const { outcome, isSurplus } = result instanceof Part ? result : WHOLE;
    count(this.telemetry, outcome);
    if (outcome !== UNFINISHED) this.inside--;
    else if (isSurplus) this.surplus--;
  }

  /** Input order: delivers the next value of the first item. */
  #deliverNext(first: Slot<T, R>): void {
    const value = first.shift();
    if (first.hasValue) this.surplus--;
    else if (first.outcome !== UNFINISHED) {
      count(this.telemetry, first.outcome);
      this.#dismiss(first);
    }
    this.#send(value);
  }

  /** Opens the gate of what gives the next values, if it was closed while others stood in front. Says whether it did. */
  #letInnersOn(): boolean {
    const gate = this.#sequence === undefined ? this.#innerGate : this.#sequence.first?.gate;
    if (gate === undefined || gate.isOpen) return false;
    gate.open();
    return true;
  }

  /** Lets an item go that has ended and has nothing to deliver: in input order the first one. */
  #dismiss(slot: Slot<T, R>): void {
    this.inside--;
    const sequence = this.#sequence;
    sequence?.shift();
    if (sequence?.first?.outcome) this.#dismissEmpty(sequence);
    this.#slots.giveBack(slot);
  }

  /** Input order: lets the first items go that have ended and have nothing to deliver; that needs no open gate. */
  #dismissEmpty(sequence: SlotQueue<T, R>): void {
    for (let empty = sequence.shiftEmpty(); empty !== undefined; empty = sequence.shiftEmpty()) {
      count(this.telemetry, empty.outcome);
      this.inside--;
      this.#slots.giveBack(empty);
    }
  }

  /** Sends a value down, from within or without a step. */
  #send(value: R): void {
    const { draining } = this;
    this.draining = this.#sending = true;
    try {
      this.deliver(value);
    } finally {
      this.#sending = false;
      if (!draining) this.draining = false;
    }
    if (!draining) this.drain();
  }

  #wrap(value: R): R {
    return this.#asResults ? ({ ok: true, value } as R) : value;
  }
}
