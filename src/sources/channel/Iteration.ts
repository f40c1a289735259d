import type { Exchange } from './Exchange.ts';
import { Taker, type Failure } from './Taker.ts';

/** One `for await` over a channel: takes a value for each call of `next()`. */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  readonly #exchange: Exchange<T>;
  /** Calls of `next()` without an answer, oldest first. */
  readonly #calls = new Set<NextCall<T>>();
  #isOver = false;

  constructor(exchange: Exchange<T>) {
    this.#exchange = exchange;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const exchange = this.#exchange;
      if (this.#isOver) resolve(DONE);
      else if (exchange.hasValue) {
        resolve({ done: false, value: exchange.take() });
        exchange.endIfDrained();
      } else {
        const call = new NextCall(this, resolve, reject);
        this.#calls.add(call);
        if (exchange.isDrained) call.end(exchange.failure);
        else exchange.queueTaker(call);
      }
    });
  }

  /** Leaves the channel. Calls of `next()` that wait give up: what they would have taken stays. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#isOver = true;
    for (const call of this.#calls) {
      call.leave();
      call.end(undefined);
    }
    return Promise.resolve(DONE);
  }

  /** @internal Notes that a call has its answer. */
  answered(call: NextCall<T>): void {
    this.#calls.delete(call);
  }

  /** @internal Ends the iteration, and says whether it had not ended before: an error is told once. */
  finish(): boolean {
    const isFirst = !this.#isOver;
    this.#isOver = true;
    return isFirst;
  }
}

const DONE = { done: true, value: undefined } as const;

/** A call of `next()` that waits for a value. */
class NextCall<T> extends Taker<T> {
  readonly #iteration: Iteration<T>;
  readonly #resolve: (result: IteratorResult<T, undefined>) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    iteration: Iteration<T>,
    resolve: (result: IteratorResult<T, undefined>) => void,
    reject: (error: unknown) => void,
  ) {
    super();
    this.#iteration = iteration;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  override offer(value: T): boolean {
    this.#iteration.answered(this);
    this.#resolve({ done: false, value });
    return true;
  }

  override end(failure: Failure | undefined): void {
    this.#iteration.answered(this);
    if (this.#iteration.finish() && failure !== undefined) this.#reject(failure.error);
    else this.#resolve(DONE);
  }
}
