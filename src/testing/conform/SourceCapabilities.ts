import type { Observable } from 'rxjs';

/**
 * Makes the source under test, which emits `items`: called for every flow that a check builds. Where the source does not pull,
 * `items` is an array.
 */
export type SourceFactory<T> = (items: Iterable<unknown>) => Observable<T>;

/** What a source promises. What is left out it does not promise, and the rules about it do not apply. */
export interface SourceCapabilities<T> {
  readonly kind: 'source';
  /** Stands in the titles of the checks. */
  readonly name: string;
  /**
   * Whether it takes the items one by one, when they are wanted, and closes their iterator at the end. Default `true`; `false`
   * where they have to be written to a file first, for instance.
   */
  readonly pulls?: boolean | undefined;
  /** Whether it stops while the gate below is closed. Default `true`. */
  readonly isPausable?: boolean | undefined;
  /** How many items it may take before they are wanted. Default 0. */
  readonly slack?: number | undefined;
  /** Whether it always emits one item, as a call that gives an answer does. Default `false`. */
  readonly isSingle?: boolean | undefined;
  /** The values that an emitted value carries, in order. Default: the value itself. */
  readonly contents?: ((value: T) => readonly unknown[]) | undefined;
  /** The falsy values that it can carry. Default: all of them; `[]` if it takes only numbers. */
  readonly falsy?: readonly unknown[] | undefined;
  /** What several subscriptions of one source get: each all items (`'independent'`, the default), each some, or only the first any. */
  readonly receivers?: 'independent' | 'shared' | 'one' | undefined;
  /** Makes one that fails with `error` after `items`, or `false` if it never does. Default: the iterable throws. */
  readonly failing?: ((items: readonly unknown[], error: unknown) => Observable<T>) | false | undefined;
  /** Finds the error underneath, where the source wraps it. Default: the error itself. */
  readonly reason?: ((error: unknown) => unknown) | undefined;
  /** Whether it can fail with anything, or only with objects of class `Error`. Default `'anything'`. */
  readonly failsWith?: 'anything' | 'errors' | undefined;
  /** How many files, listeners and the like are open at this moment. */
  readonly resources?: (() => number) | undefined;
  /** That it needs promises or real timers to get on: its checks run in real time. Default `false`. */
  readonly isAsync?: boolean | undefined;
}
