import type { Demand } from '../core/demand.ts';
import { isAbortError } from '../core/isAbortError.ts';
import { isThenable } from '../core/isThenable.ts';
import { whenSettled } from '../core/whenSettled.ts';

/**
 * One call of a function of the user's that may answer with a promise, and the signal that it is handed. It is the call's own,
 * never used again, since user code may keep it.
 */
export class PendingCall {
  readonly #below: Demand<never>;
  #controller: AbortController | undefined;
  #isAborted = false;

  constructor(below: Demand<never>) {
    this.#below = below;
  }

  /** Aborts if the answer is no longer wanted. Made when first read. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Calls, and hands on the answer or what went wrong: once, and in the same call if there is no promise. */
  run<A>(call: () => A | PromiseLike<A>, arrived: (answer: A) => void, failed: (error: unknown) => void): void {
    const since = this.#below.making();
    const done = (answer: A): void => {
      this.#below.made(since);
      if (!this.#isAborted) arrived(answer);
    };
    const bad = (error: unknown): void => {
      this.#below.made(since);
      if (!this.#isAborted) failed(error);
      else if (!isAbortError(error)) this.#below.releasing(Promise.reject(error));
    };
    let answer: A | PromiseLike<A>;
    try {
      answer = call();
      if (isThenable<A>(answer)) return whenSettled(answer, done, bad);
    } catch (error) {
      return bad(error);
    }
    done(answer);
  }

  /** Nothing of the answer is wanted any more. An error that is not about being aborted is reported. */
  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }
}
