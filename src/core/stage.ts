import { OverflowError, wrongType } from './errors.ts';
import type { FailedItem, FlowNode } from './flow.ts';
import { Gate, Waiter } from './gate.ts';
import { hooks } from './hooks.ts';
import { checkCount, holds, isOptions } from './options.ts';
import { Ring } from './ring.ts';
import { Telemetry } from './telemetry.ts';

/** Where a stage sends its results. An RxJS subscriber is one. */
export interface Downstream<R> {
  readonly closed: boolean;
  next(value: R): void;
  error(error: unknown): void;
  complete(): void;
}

/** What a stage is connected to: made by `operate` for every subscription. */
export interface Connection<R> {
  readonly out: Downstream<R>;
  /** The stage's own subscription to what lies above it. */
  readonly upstream: { unsubscribe(): void };
  /** The gate that decides whether a value sent to `out` is wanted now. */
  readonly below: Gate;
}

/** What every stage is told about itself. */
export interface StageSettings {
  /** Named in errors, warnings and reports. */
  readonly name: string;
  /** How many items it may hold before its gate closes. */
  readonly bound: number;
  /**
   * How many items fewer than the bound it has to hold before its gate opens again, so that a source is woken once for
   * several items. Default 1.
   */
  readonly burst?: number | undefined;
  /** How many items beyond the bound it takes from a source that cannot be paused, before it fails. Default 1,000,000. */
  readonly overflowLimit?: number | undefined;
  /** The same object for every subscription of one call of the operator; the report sums by it. Default: these settings. */
  readonly definition?: object | undefined;
}

/**
 * A stage: anything that holds items. It keeps what arrives in a ring, shows a gate to everything above it, and makes
 * progress one {@link Stage.step} at a time for as long as the gate below is open (rules G1, G4 to G7).
 *
 * To write a stage of your own, extend it, implement `step`, and hand it to `operate`:
 * `operate((connection) => new MyStage(connection, settings))`.
 */
export abstract class Stage<T, R> implements FlowNode {
  readonly kind = 'stage';
  readonly name: string;
  readonly definition: object;
  readonly telemetry = new Telemetry();
  readonly gate: Gate;
  readonly below: Gate;
  /** Arrived and not begun. */
  protected readonly waiting = new Ring<T>();
  /** Begun and not yet gone: what a subclass counts besides `waiting`. */
  protected inside = 0;
  /** Values kept beyond one for each item: they take up room and are no items. */
  protected surplus = 0;
  /** How many items it may hold before its gate closes. */
  protected bound = 0;
  /** How many fewer than that it holds before its gate opens again. */
  protected burst = 1;
  /** Whether no more items will arrive. */
  protected inputEnded = false;
  /** Whether the stage has completed, failed or been unsubscribed. Nothing is sent after that. */
  protected ended = false;
  /** Whether {@link Stage.drain} is at work further up the stack. */
  protected draining = false;
  readonly #out: Downstream<R>;
  readonly #upstream: { unsubscribe(): void };
  readonly #waiter: Waiter;
  readonly #overflowLimit: number;
  #heldSince = 0;
  #warned = false;

  /** @throws TypeError or RangeError if `settings` has no name, or a bound that is no count of items. */
  constructor(connection: Connection<R>, settings: StageSettings) {
    checkStage(connection, settings);
    const { out, upstream, below } = connection;
    this.name = settings.name;
    this.definition = settings.definition ?? settings;
    this.bound = settings.bound;
    this.burst = settings.burst ?? 1;
    this.#overflowLimit = settings.overflowLimit ?? OVERFLOW_LIMIT;
    this.#out = out;
    this.#upstream = upstream;
    this.below = below;
    this.gate = new Gate(below.flow, below.isInner);
    this.#waiter = new Waiter(() => this.#woken());
    below.attach();
    below.flow?.join(this);
  }

  /** How many items it holds: waiting, running, or finished and not yet taken. */
  get held(): number {
    return this.waiting.length + this.inside;
  }

  /** How many items wait for their work to begin. */
  get queued(): number {
    return this.waiting.length;
  }

  /** How much of its bound it uses up. */
  protected get load(): number {
    return this.held + this.surplus;
  }

  /** The gates that its items go to: the one below, unless it sends them several ways. */
  get outlets(): readonly Gate[] {
    return [this.below];
  }

  /**
   * Makes one step of progress, if there is one to make: delivers one result, or begins one item. Called only while the
   * gate below is open. Says whether it did anything.
   */
  protected abstract step(): boolean;

  /** Ends whatever still runs, because the stage failed (`reason` says why) or was unsubscribed. */
  protected cancel(_reason: unknown): void {}

  /** Makes room for, or refuses, an item that arrives while the stage holds all it may. Says whether to keep it. */
  protected admit(_item: T): boolean {
    if (!this.guard(1)) return false;
    const { gate, held, bound } = this;
    if (!gate.isOverrun) return true;
    this.telemetry.overrun++;
    if (gate.flow?.strict === true) {
      this.telemetry.failed++;
      this.fail(new OverflowError(this.name, held + 1, bound, `In a strict run this is an error. ${REMEDY}`));
      return false;
    }
    if (!this.#warned) {
      this.#warned = true;
      hooks.warn(`Stage "${this.name}" is sent more than the ${bound} items it may hold. ${REMEDY}`, 'SLUICE_OVERRUN');
    }
    return true;
  }

  /** Fails the stage if it holds far more than it may. Says whether it goes on. */
  protected guard(more = 0): boolean {
    if (this.load + more - this.bound <= this.#overflowLimit) return true;
    this.telemetry.failed += more;
    this.fail(new OverflowError(this.name, this.load, this.bound, REMEDY));
    return false;
  }

  /** Takes an item from above. */
  next(item: T): void {
    if (this.ended) return;
    this.telemetry.in++;
    if (!this.gate.isOpen && this.load >= this.bound && !this.admit(item)) return;
    this.waiting.push(item);
    const { held } = this;
    if (held > this.telemetry.peak) this.telemetry.peak = held;
    if (!this.draining) this.drain();
    else if (this.load >= this.bound) this.gate.close();
  }

  /** Takes an error from above: it passes at once, and what is held is given up (rule G6). */
  error(error: unknown): void {
    if (!this.ended) this.#end(error, () => this.#out.error(error));
  }

  /** Takes the end of the input: the stage completes when it holds nothing any more. */
  complete(): void {
    this.inputEnded = true;
    this.drain();
  }

  /** Called when the subscription is over, in whatever way. */
  finalize(): void {
    if (!this.ended) this.#end();
  }

  /** Leaves what is above, and completes when nothing is held any more. */
  quit(): void {
    try {
      this.#upstream.unsubscribe();
    } finally {
      this.complete();
    }
  }

  /**
   * Fails the stage: what is above is unsubscribed and what runs is cancelled before `error` is sent on. `slot` is where the item was
   * that it is due to, if it is one's.
   */
  protected fail(error: unknown, slot?: FailedItem): void {
    if (this.ended) return this.lateError(error);
    this.gate.flow?.failed?.(error, this, slot);
    this.#end(error, () => this.#out.error(error));
  }

  /** Called when the input has ended and nothing is held any more. */
  protected finish(): void {
    this.#end(undefined, () => this.#out.complete());
  }

  /** Reports an error that comes too late to be delivered. */
  protected lateError(error: unknown): void {
    (this.gate.flow ?? hooks).lateError(error, this.name);
  }

  /** Sends one value down. Only from within {@link Stage.step}, or while {@link Stage.draining}. */
  protected deliver(value: R): void {
    this.telemetry.out++;
    this.#out.next(value);
  }

  /** Makes all the progress that can be made now, in one flat loop. To be called whenever something has changed. */
  protected drain(): void {
    if (this.draining || this.ended) return;
    if (nesting === MAX_NESTING) {
      // Until its turn comes it must not take more than it may.
      if (this.load >= this.bound) this.gate.close();
      return postponed.push(this);
    }
    nesting++;
    this.draining = true;
    try {
      for (;;) {
        while (this.below.isOpen && !this.ended && this.step());
        if (this.ended) return;
        const room = this.bound - this.load;
        if (this.gate.isOpen) {
          if (room <= 0) this.gate.close();
          break;
        }
        if (room < this.burst) break;
        // Woken sources push into the ring while `draining` holds; another round takes what they brought.
        this.gate.open();
      }
      this.draining = false;
      if (this.held === 0 || !this.below.isOpen) this.#rest();
    } finally {
      this.draining = false;
      if (nesting === 1) while (postponed.length > 0) postponed.shift()!.resume();
      nesting--;
    }
  }

  /** Goes on where there was not enough stack. @internal */
  resume(): void {
    try {
      this.drain();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends, or waits below, once there is no progress to make for lack of items or of room below. */
  #rest(): void {
    if (this.held > 0) this.waitBelow();
    else if (this.inputEnded) this.finish();
  }

  /** Is woken when the gate below opens. To be called by whoever finds it closed outside {@link Stage.step}. */
  protected waitBelow(): void {
    if (this.#waiter.gate !== undefined) return;
    this.#heldSince = this.telemetry.heldBack?.start(this.gate.flow!) ?? 0;
    this.below.wait(this.#waiter);
  }

  #woken(): void {
    this.#noteHeldBack();
    this.drain();
  }

  #noteHeldBack(): void {
    this.telemetry.heldBack?.end(this.gate.flow!, this.#heldSince);
  }

  #end(reason?: unknown, send?: () => void): void {
    this.ended = true;
    this.telemetry.abandoned += this.held;
    if (this.#waiter.gate !== undefined) this.#noteHeldBack();
    this.#waiter.cancel();
    this.below.attached--;
    try {
      this.#upstream.unsubscribe();
    } finally {
      this.cancel(reason);
      this.waiting.clear();
      this.inside = this.surplus = 0;
      this.gate.flow?.leave(this);
      // Whoever still waits does not belong to this subscription (a shared source): it must not freeze.
      this.gate.open();
      send?.();
    }
  }
}

function checkStage<R>(connection: Connection<R>, settings: StageSettings): void {
  if (!holds(() => typeof connection.below.wait === 'function' && typeof connection.out.next === 'function')) {
    throw wrongType('Stage', 'connection', 'what operate hands over', connection);
  }
  if (!holds(() => isOptions(settings) && typeof settings.name === 'string')) {
    throw wrongType('Stage', 'settings', 'an object with a name and a bound', settings);
  }
  const { bound, burst = 1, overflowLimit = 0 } = settings;
  checkCount('Stage', 'bound', bound, 0, true);
  checkCount('Stage', 'burst', burst, 1);
  checkCount('Stage', 'overflowLimit', overflowLimit, 0, true);
}

const OVERFLOW_LIMIT = 1_000_000;
const REMEDY =
  'Its source cannot be paused: use a source of this package (fromIterable, not from), or put buffered({ capacity, overflow }) above it.';

/** How many stages are at work, each on the stack of the one before: those above and below each other, and flows within flows. */
let nesting = 0;
/** Beyond that a stage waits until the stack is empty again, so that a chain of a thousand stages does not overflow it. */
const MAX_NESTING = 100;
const postponed = new Ring<{ resume(): void }>();
