import type { Gate } from './gate.ts';
import { isAbortError } from './isAbortError.ts';
import { Ring } from './ring.ts';

/** What a stage function is told besides the item. */
export interface ItemContext {
  /**
   * Aborts when the item's work is no longer wanted: the stage was unsubscribed, or failed (`reason` is the error).
   * Made when first read.
   */
  readonly signal: AbortSignal;
  /** The item's place in the input, from 0. */
  readonly index: number;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** The name of the stage. */
  readonly stage: string;
}

/** The {@link ItemContext} of one item. It is the item's own, never used again, since user code may keep it. */
class Context implements ItemContext {
  readonly index: number;
  readonly attempt: number;
  readonly #slot: Slot<unknown, unknown>;
  #signal: AbortSignal | undefined = undefined;

  constructor(slot: Slot<unknown, unknown>) {
    this.index = slot.index;
    this.attempt = slot.attempt;
    this.#slot = slot;
  }

  get stage(): string {
    return this.#slot.stage;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= this.#slot.signalFor(this.index));
  }
}

/** What a {@link Slot} reports to. */
export interface SlotOwner<T, R> {
  /** The name of the stage. */
  readonly name: string;
  /** One value of the item in `slot`. */
  emitted(slot: Slot<T, R>, value: R): void;
  /** The item in `slot` ended well, without a further value. */
  finished(slot: Slot<T, R>): void;
  /** The item in `slot` ended well, with `value` as its last or only one. */
  resolved(slot: Slot<T, R>, value: R): void;
  /** The item in `slot` failed. */
  rejected(slot: Slot<T, R>, error: unknown): void;
  /** The gate for a source whose values are results of the item in `slot`. */
  gateOf(slot: Slot<T, R>): Gate;
}

/**
 * A place in which one item at a time runs. An executor is handed the slot and reports through it: any number of
 * {@link Slot.emit}, then exactly one of {@link Slot.resolve}, {@link Slot.finish} and {@link Slot.reject}, which are
 * bound, so that they can be handed on as they are. Slots are used again: an executor must not report twice.
 */
export class Slot<T, R> {
  item: T = undefined as T;
  /** Which try of the work this is, from 1. An executor that tries again counts it up. */
  attempt = 1;
  /** Ends the work early, where the executor has a way to. Set by the executor. */
  stop: (() => void) | undefined;
  /** Reports the last or only value. */
  readonly resolve: (value: R) => void;
  /** Reports the end, after any number of values. */
  readonly finish: () => void;
  /** Reports that the work failed. */
  readonly reject: (error: unknown) => void;

  /** The place in the input of the item whose work runs here; none runs while it is negative. @internal */
  index = NONE;
  /** The next in the row that it stands in: those not in use, or those of which the results leave in order. @internal */
  next: Slot<T, R> | undefined;
  /** When the work began; -1 if it is not timed and a `WorkWatch` wants to hear of its end all the same, 0 if none does. @internal */
  started = 0;
  /** How the work ended, 0 while it has not. @internal */
  outcome = 0;
  /** What a subclass of the pool notes about the item. @internal */
  note: unknown = undefined;
  /** Input order only: values not yet delivered; whether `value` is one. @internal */
  hasValue = false;
  /** @internal */
  value: R | undefined;
  /** Input order only: values behind `value`. @internal */
  more: Ring<R> | undefined;
  /** Input order only: what a source that gives this item's values sees. @internal */
  gate: Gate | undefined;
  /** Whether the item has given a value before its end. @internal */
  many = false;
  readonly #owner: SlotOwner<T, R>;
  #abort: AbortController | undefined;
  #cancelled: { readonly index: number; readonly reason: unknown } | undefined;

  constructor(owner: SlotOwner<T, R>) {
    this.#owner = owner;
    this.resolve = (value) => owner.resolved(this, value);
    this.finish = () => owner.finished(this);
    this.reject = (error) => owner.rejected(this, error);
  }

  /** Reports one value of several. */
  emit(value: R): void {
    this.#owner.emitted(this, value);
  }

  /** What a pausable source has to look at before it gives this item's next value. */
  get below(): Gate {
    return this.#owner.gateOf(this);
  }

  /** Whether an item is in it whose work has neither ended nor been cancelled. */
  get isRunning(): boolean {
    return this.index > NONE;
  }

  /**
   * What the stage function is told besides the item. Made when read, which an executor does once an item: the slot does
   * not keep it, since a slot is old and a context young, a pair that the garbage collector has to be told of.
   */
  get context(): ItemContext {
    return new Context(this as Slot<unknown, unknown>);
  }

  /** The name of the stage. @internal */
  get stage(): string {
    return this.#owner.name;
  }

  /** The signal for the item at `index`: aborted if its work was cancelled; one that nobody will abort if its work is over. @internal */
  signalFor(index: number): AbortSignal {
    if (index === this.index) return (this.#abort ??= new AbortController()).signal;
    if (index === this.#cancelled?.index) return AbortSignal.abort(this.#cancelled.reason);
    return new AbortController().signal;
  }

  /** Takes an item in. @internal */
  begin(item: T, index: number): void {
    this.item = item;
    this.index = index;
    this.attempt = 1;
    this.outcome = 0;
  }

  /** Ends the work early. The slot is not used again. @internal */
  cancel(reason: unknown): void {
    this.#cancelled = { index: this.index, reason };
    this.index = NONE;
    this.#abort?.abort(reason);
    try {
      this.stop?.();
    } finally {
      this.gate?.open();
    }
  }

  /** Whether `error` says no more than that the work was cancelled. @internal */
  isCancellation(error: unknown): boolean {
    if (this.#cancelled === undefined) return false;
    return error === this.#cancelled.reason || isAbortError(error);
  }

  /** Input order: keeps a value that cannot be delivered yet. @internal */
  put(value: R): void {
    if (this.hasValue) (this.more ??= new Ring()).push(value);
    else {
      this.hasValue = true;
      this.value = value;
    }
  }

  /** Input order: takes the oldest value kept, of which there must be one. @internal */
  shift(): R {
    const value = this.value as R;
    this.hasValue = this.more !== undefined && this.more.length > 0;
    this.value = this.hasValue ? this.more!.shift() : undefined;
    return value;
  }

  /** Lets everything go that belongs to the item. @internal */
  clear(): void {
    this.item = undefined as T;
    this.#abort = undefined;
    if (this.many || this.stop !== undefined) this.#clearRest();
  }

  #clearRest(): void {
    this.stop = this.value = this.more = this.gate = undefined;
    this.many = this.hasValue = false;
  }
}

const NONE = -1;
