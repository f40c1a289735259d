import type { EmitterMethods } from './emitterMethods.ts';

/** The name of an event. */
export type EventName = string | symbol;

type Listener = (...args: unknown[]) => void;

/** The listeners of one subscription: what it adds, it takes away again. */
export class Listeners {
  readonly #emitter: Record<string, (event: EventName, listener: Listener) => void>;
  readonly #methods: EmitterMethods;
  readonly #failed: (error: unknown) => void;
  readonly #added: [event: EventName, listener: Listener][] = [];
  #isOver = false;

  /** `failed` is told of a listener that could not be removed. */
  constructor(emitter: unknown, methods: EmitterMethods, failed: (error: unknown) => void) {
    this.#emitter = emitter as Record<string, (event: EventName, listener: Listener) => void>;
    this.#methods = methods;
    this.#failed = failed;
  }

  /** Adds a listener, unless all have been removed. If that throws it may have been added all the same, and is removed with the others. */
  add(event: EventName, listener: Listener): void {
    if (this.#isOver) return;
    this.#added.push([event, listener]);
    this.#emitter[this.#methods.add]!(event, listener);
    // The emitter may have said something while it was being added, and that have been the end.
    if (this.#isOver) this.#remove(event, listener);
  }

  /** Removes them all, and takes no more. One that cannot be removed keeps no other from being removed. */
  removeAll(): void {
    this.#isOver = true;
    for (const [event, listener] of this.#added.splice(0)) this.#remove(event, listener);
  }

  #remove(event: EventName, listener: Listener): void {
    try {
      this.#emitter[this.#methods.remove]!(event, listener);
    } catch (error) {
      this.#failed(error);
    }
  }
}
