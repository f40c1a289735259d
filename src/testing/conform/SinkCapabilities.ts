import type { Observable } from 'rxjs';
import type { WorkContext } from './Works.ts';

/** Where a sink under test has to write. It is slow, paused or broken as the check wants it. */
export interface Destination<W> {
  /** Takes what the sink writes; settles when it is written. Hand on the signal, if the sink gives one. */
  readonly write: (written: W, context?: WorkContext) => Promise<void>;
}

/** A sink at work. */
export interface Consumption {
  /** Settles once everything is written, or with what went wrong. */
  readonly done: PromiseLike<unknown>;
  /** Ends it early. */
  cancel(): void;
}

/** Lets the sink under test consume a source, and write to a destination: called for every flow that a check builds. */
export type SinkFactory<T, W> = (source$: Observable<T>, destination: Destination<W>) => Consumption;

/** What a sink promises. What is left out it does not promise, and the rules about it do not apply. */
export interface SinkCapabilities<T, W> {
  readonly kind: 'sink';
  /** Stands in the titles of the checks. */
  readonly name: string;
  /** The most items that it has taken and not written: what is being written counts. */
  readonly bound: number;
  /** How many writes may be under way at once. Default 1. */
  readonly concurrency?: number | undefined;
  /** In which order items are written. Default `'input'`. */
  readonly order?: 'completion' | 'input' | undefined;
  /** Makes an item that carries a value, a number mostly. Default: the value itself. */
  readonly item?: ((value: unknown) => T) | undefined;
  /** The values in what is written at once, in order. Default: the thing itself. */
  readonly contents?: ((written: W) => readonly unknown[]) | undefined;
  /** The falsy values that it can carry. Default: all of them; `[]` if it takes only numbers. */
  readonly falsy?: readonly unknown[] | undefined;
  /**
   * Reads what was written by a sink that has a destination of its own (a file): no check then makes it wait or fail. Default: it
   * writes to the {@link Destination}.
   */
  readonly written?: (() => Promise<readonly unknown[]>) | undefined;
  /** Finds the error underneath, where the sink wraps what its destination fails with. Default: the error itself. */
  readonly reason?: ((error: unknown) => unknown) | undefined;
  /** Whether it can fail with anything, or only with objects of class `Error`. Default `'anything'`. */
  readonly failsWith?: 'anything' | 'errors' | undefined;
  /** Whether the reader asks for each item, so that it hears of an error only when it asks. Default `false`: the sink calls. */
  readonly isPulled?: boolean | undefined;
  /** Whether it keeps what a source sends that cannot be paused. Default `true`. */
  readonly keepsOverrun?: boolean | undefined;
  /** How many files, listeners and the like are open at this moment. */
  readonly resources?: (() => number) | undefined;
}
