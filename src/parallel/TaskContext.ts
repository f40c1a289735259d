// A type alone: nothing of RxJS is loaded.
import type { ObservableLike } from '../core/execute.ts';

/** What a task is told besides the item. */
export interface TaskContext {
  /**
   * Aborts when the item's result is no longer wanted. `signal.aborted` is right at once, also in a loop that never lets go of
   * the thread; its listeners are called when the event loop of the thread gets a turn, or when `aborted` is read.
   */
  readonly signal: AbortSignal;
  /** The item's place in the input, from 0. */
  readonly index: number;
  /** Which try this is, from 1: an item whose thread died is run again. */
  readonly attempt: number;
  /** Which of the pool's threads this is, from 0; -1 on the main thread (`inline`). */
  readonly thread: number;
  /** The name of the stage. */
  readonly stage: string;
  /** The item's key, where the stage has `key`; an object or a function, which is a key by its identity, by a name of its own. */
  readonly key: unknown;
  /** Which trace the item belongs to, as a `traceparent` of the W3C, if the flow is traced (`run`'s option `telemetry`). */
  readonly traceparent: string | undefined;
  /**
   * What this thread keeps for the item's key, or without `key` for the task: made by `init` when it is first asked for. It goes
   * with the thread: `onMove` says when.
   */
  state<S>(init: () => S): S;
  /** Lets go of what {@link TaskContext.state} keeps for the item's key. */
  forget(): void;
}

/**
 * What a task may give back: a promise gives its value; a generator, an async iterable or an Observable gives all its values;
 * anything else, arrays and strings included, is one value.
 */
export type TaskOutput<O> = O | PromiseLike<O> | ObservableLike<O> | AsyncIterable<O> | IterableIterator<O>;
