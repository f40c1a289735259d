import type { Flow } from '../../core/flow.ts';
import { Gate } from '../../core/gate.ts';
import { hooks } from '../../core/hooks.ts';

/** Whoever pulls sees to the event loop: nothing is made that was not asked for. */
const ALWAYS = new Gate();

/**
 * The flow of a sink that has its own life, since whoever pulls it decides when it ends: it knows what is still being
 * released, and measures nothing.
 */
export class PullFlow implements Flow {
  readonly strict = false;
  readonly quitting = false;
  readonly turn = ALWAYS;
  readonly #releasing = new Set<PromiseLike<unknown>>();

  /** Settles when everything that was used is released: files closed, iterators returned. */
  async released(): Promise<void> {
    while (this.#releasing.size > 0) await Promise.allSettled(this.#releasing);
  }

  releasing(released: PromiseLike<unknown>): void {
    const settled = (): void => void this.#releasing.delete(released);
    this.#releasing.add(released);
    released.then(settled, settled);
  }

  lateError(error: unknown, stage: string): void {
    hooks.lateError(error, stage);
  }

  /** Nothing is timed by a clock that stands at 0. */
  now(): number {
    return 0;
  }

  spend(): void {}

  join(): boolean {
    return true;
  }

  leave(): void {}
}
