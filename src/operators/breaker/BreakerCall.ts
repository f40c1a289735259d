import { Observable, type Subscriber } from 'rxjs';
import { setSubscribing } from '../../core/demand.ts';
import type { Gate } from '../../core/gate.ts';
import type { Inlet, OperatorConnection } from '../../core/operate.ts';
import type { CircuitBreaker, CircuitPermit } from '../../sync/CircuitBreaker.ts';

/** One subscription of `circuitBreaker`: one call. */
export class BreakerCall<T> implements Inlet<T> {
  readonly #breaker: CircuitBreaker;
  #out: Subscriber<T> | undefined;
  #permit: CircuitPermit | undefined;
  #below: Gate | undefined;
  #hasAnswered = false;
  #leave: (() => void) | undefined;

  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker;
  }

  /** Begins the call if it is admitted now, else fails it. */
  begin({ out, below }: OperatorConnection<T>): this {
    below.flow?.meet?.(this.#breaker);
    this.#out = out;
    this.#permit = this.#breaker.tryBegin();
    if (this.#permit === undefined) out.error(this.#breaker.refusal());
    return this;
  }

  /** Begins the call once its source is subscribed. */
  wait({ out, below }: OperatorConnection<T>): this {
    below.flow?.meet?.(this.#breaker);
    this.#out = out;
    this.#below = below;
    return this;
  }

  /** A source that is subscribed when the call is admitted. The subscriber stays the same, so that demand passes through. */
  whenAdmitted(source: Observable<T>): Observable<T> {
    return new Observable((upstream) => this.#await(source, upstream, this.#breaker.waiting === 0));
  }

  next(value: T): void {
    this.#hasAnswered = true;
    this.#out!.next(value);
  }

  /** The call is settled before anyone is told, so that a retry finds the breaker as it is. */
  error(error: unknown): void {
    try {
      this.#settle((permit) => permit.fail(error));
    } catch (ownError) {
      return this.#out!.error(ownError);
    }
    this.#out!.error(error);
  }

  complete(): void {
    try {
      this.#settle((permit) => permit.succeed());
    } catch (ownError) {
      return this.#out!.error(ownError);
    }
    this.#out!.complete();
  }

  /** Given up in the middle it counts as nothing; but what has answered has worked. */
  finalize(): void {
    this.#leave?.();
    this.#settle((permit) => (this.#hasAnswered ? permit.succeed() : permit.ignore()));
  }

  #settle(settle: (permit: CircuitPermit) => void): void {
    const permit = this.#permit;
    this.#permit = undefined;
    if (permit !== undefined) settle(permit);
  }

  #await(source: Observable<T>, upstream: Subscriber<T>, isNext = true): void {
    if (upstream.closed) return;
    // Not in front of those that wait already.
    if (isNext) this.#permit = this.#breaker.tryBegin();
    if (this.#permit !== undefined) {
      // As if it were subscribed where this operator was, and not where another call ended.
      const outer = setSubscribing(this.#below);
      try {
        source.subscribe(upstream);
      } finally {
        setSubscribing(outer);
      }
      return;
    }
    // What is admitted must be begun there and then: the next in the queue is asked right after.
    this.#leave = this.#breaker.whenAdmitting(() => this.#await(source, upstream));
  }
}
