import type { Gate } from './gate.ts';
import type { Ring } from './ring.ts';

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
export class Context implements ItemContext {
  readonly index: number;
  readonly #owner: { readonly name: string };
  #abort: AbortController | Cancelled | undefined = undefined;

  constructor(index: number, owner: { readonly name: string }) {
    this.index = index;
    this.#owner = owner;
  }

  get attempt(): number {
    return 1;
  }

  get stage(): string {
    return this.#owner.name;
  }

  get signal(): AbortSignal {
    if (this.#abort instanceof AbortController) return this.#abort.signal;
    const controller = new AbortController();
    if (this.#abort !== undefined) controller.abort(this.#abort.reason);
    this.#abort = controller;
    return controller.signal;
  }

  /** Aborts the signal, now or when it is first read. */
  cancel(reason: unknown): void {
    if (this.#abort instanceof AbortController) this.#abort.abort(reason);
    else this.#abort = { reason };
  }

  /** Whether `error` says no more than that the work was cancelled. */
  explains(error: unknown): boolean {
    if (this.#abort === undefined) return false;
    const cancelled: Cancelled = this.#abort instanceof AbortController ? this.#abort.signal : this.#abort;
    return error === cancelled.reason || (error as Error | undefined)?.name === 'AbortError';
  }
}

interface Cancelled {
  readonly reason: unknown;
}

/** What a {@link Slot} reports to. */
export interface SlotOwner<T, R> {
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
  context: Context = undefined as never;
  /** Ends the work early, where the executor has a way to. Set by the executor. */
  stop: (() => void) | undefined;
  /** Reports the last or only value. */
  readonly resolve: (value: R) => void;
  /** Reports the end, after any number of values. */
  readonly finish: () => void;
  /** Reports that the work failed. */
  readonly reject: (error: unknown) => void;

  /** Whether an item is in it whose work has neither ended nor been cancelled. */
  isRunning = false;
  /** The next in the list of those not in use. @internal */
  next: Slot<T, R> | undefined;
  /** When the work began, 0 if it is not timed. @internal */
  started = 0;
  /** How the work ended, 0 while it has not. @internal */
  outcome = 0;
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

  /** Takes an item in. @internal */
  begin(item: T, context: Context): void {
    this.item = item;
    this.context = context;
    this.isRunning = true;
  }

  /** Lets everything go that belongs to the item. @internal */
  clear(): void {
    this.item = undefined as T;
    this.context = undefined as never;
    if (this.outcome !== 0) this.outcome = 0;
    if (!this.many && this.stop === undefined) return;
    this.stop = this.value = this.more = this.gate = undefined;
    this.many = this.hasValue = false;
  }
}
