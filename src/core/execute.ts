import { Observable, Subscriber, from, observable, type InteropObservable, type ObservableInput } from 'rxjs';
import { GATE, setSubscribing } from './demand.ts';
import type { Gate } from './gate.ts';
import { isThenable } from './isThenable.ts';
import { isAsyncIterable, iterate } from './iterate.ts';
import type { Executor } from './poolSettings.ts';
import type { ItemContext, Slot } from './slot.ts';

/** An Observable of RxJS, or of any other library that marks its own with `Symbol.observable`. */
export type ObservableLike<R> = Observable<R> | InteropObservable<R>;

/**
 * What a stage function may give back: a promise gives its value; an Observable or an async iterable gives all its values;
 * anything else, arrays and strings included, is one value.
 */
export type StageOutput<R> = R | PromiseLike<R> | ObservableLike<R> | AsyncIterable<R>;

/**
 * The executor that calls a function with each item and takes whatever it gives back; with `discard` it waits for the same and
 * sends none of it on.
 */
export function execute<T, R>(fn: (item: T, context: ItemContext) => StageOutput<R>, discard = false): Executor<T, R> {
  return (slot) => {
    const output = fn(slot.item, slot.context);
    const end = discard ? slot.finish : slot.resolve;
    // The common cases first: a promise of our own realm, and plain values.
    if (output instanceof Promise) output.then(end, slot.reject);
    else if (typeof output !== 'object' || output === null) end(output);
    // The function itself may have ended the flow: then nothing of what it gives back is wanted.
    else if (!slot.isRunning) return;
    else if (isObservable<R>(output)) subscribeInner(output, slot, discard);
    else if (isAsyncIterable<R>(output)) iterate(output, new SlotSubscriber(slot, discard), INNER);
    else if (isThenable<R>(output)) Promise.resolve(output).then(end, slot.reject);
    else end(output);
  };
}

/** Among inners too the gate is found by the fallback where the chain of subscribers is broken. */
function subscribeInner<T, R>(output: ObservableInput<R>, slot: Slot<T, R>, discard: boolean): void {
  const outer = setSubscribing(slot.below);
  try {
    from(output).subscribe(new SlotSubscriber(slot, discard));
  } finally {
    setSubscribing(outer);
  }
}

const INNER = { name: 'inner' };

function isObservable<R>(output: object): output is ObservableInput<R> & object {
  if (output instanceof Observable) return true;
  return typeof (output as Record<symbol, unknown>)[observable as unknown as symbol] === 'function';
}

/** Subscribes to what a stage function gave back. It carries the gate that the item's slot has below it. */
class SlotSubscriber<T, R> extends Subscriber<R> {
  readonly [GATE]: Gate;
  readonly #slot: Slot<T, R>;
  readonly #discard: boolean;

  constructor(slot: Slot<T, R>, discard: boolean) {
    super();
    this.#slot = slot;
    this.#discard = discard;
    this[GATE] = slot.below;
    slot.stop = () => this.unsubscribe();
  }

  protected override _next(value: R): void {
    if (this.#discard) return;
    // What runs from here on subscribes on its own account.
    const outer = setSubscribing(undefined);
    try {
      this.#slot.emit(value);
    } finally {
      setSubscribing(outer);
    }
  }

  protected override _error(error: unknown): void {
    try {
      this.unsubscribe();
    } finally {
      this.#slot.reject(error);
    }
  }

  protected override _complete(): void {
    try {
      this.unsubscribe();
    } finally {
      this.#slot.finish();
    }
  }
}
