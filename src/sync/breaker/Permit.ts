/**
 * What {@link CircuitBreaker.tryBegin} gives: a call that was admitted. The first of its methods that is called counts, the
 * others do nothing.
 */
export interface CircuitPermit {
  /** The call went well. */
  succeed(): void;
  /** The call failed; `isIgnored` and `isFailure` decide how it counts. Throws what these throw; then it counts as a failure. */
  fail(error: unknown): void;
  /** The call was given up: it counts as nothing. */
  ignore(): void;
}

/** How a call ended, as its caller says. */
export type Ending = 'succeeded' | 'failed' | 'ignored';

/** A call that was admitted. */
export class Permit implements CircuitPermit {
  /** How often the breaker had changed its state when the call began. */
  readonly generation: number;
  /** When the call began, if anyone wants to know. */
  readonly began: number;
  #settle: ((permit: Permit, ending: Ending, error?: unknown) => void) | undefined;

  constructor(settle: (permit: Permit, ending: Ending, error?: unknown) => void, generation: number, began: number) {
    this.#settle = settle;
    this.generation = generation;
    this.began = began;
  }

  succeed(): void {
    this.#end('succeeded');
  }

  fail(error: unknown): void {
    this.#end('failed', error);
  }

  ignore(): void {
    this.#end('ignored');
  }

  #end(ending: Ending, error?: unknown): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(this, ending, error);
  }
}
