import type { ItemContext } from '../core/slot.ts';
import type { TaskContext } from './TaskContext.ts';
import type { States } from './worker/States.ts';

/** What a task is told that runs on the main thread. */
export class InlineContext implements TaskContext {
  readonly thread = -1;
  /** Where items have keys, none runs here. */
  readonly key = undefined;
  readonly traceparent: string | undefined;
  readonly #context: ItemContext;
  readonly #states: States;

  constructor(context: ItemContext, states: States, traceparent: string | undefined) {
    this.#context = context;
    this.#states = states;
    this.traceparent = traceparent;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get index(): number {
    return this.#context.index;
  }

  get attempt(): number {
    return this.#context.attempt;
  }

  get stage(): string {
    return this.#context.stage;
  }

  state<S>(init: () => S): S {
    return this.#states.get(0, undefined, init);
  }

  forget(): void {
    this.#states.forget(0, undefined);
  }
}
