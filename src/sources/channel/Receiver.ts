import type { Subscriber } from 'rxjs';
import { Demand, type SourceSettings } from '../../core/demand.ts';
import type { Exchange } from './Exchange.ts';
import { Taker, type Failure } from './Taker.ts';

/** One subscription to a channel: takes values for as long as the gate below it is open. */
export class Receiver<T> extends Taker<T> {
  readonly #exchange: Exchange<T>;
  readonly #subscriber: Subscriber<T>;
  readonly #below: Demand<T>;
  /** Whether a value is being dealt with further up the stack: the end comes after it. */
  #isSending = false;

  constructor(exchange: Exchange<T>, subscriber: Subscriber<T>, settings: SourceSettings) {
    super();
    this.#exchange = exchange;
    this.#subscriber = subscriber;
    // Before the demand's own teardown: what the channel holds is not abandoned, it stays.
    subscriber.add(() => {
      this.leave();
      exchange.leave(this);
    });
    this.#below = new Demand(subscriber, settings, () => this.#receive());
    exchange.join(this);
  }

  start(): void {
    this.#below.start();
  }

  override offer(value: T): boolean {
    if (!this.#below.wants()) return false;
    this.#send(value);
    this.#receive();
    return true;
  }

  override end(failure: Failure | undefined): void {
    if (this.#isSending) return;
    if (failure === undefined) this.#subscriber.complete();
    else this.#below.fail(failure.error);
  }

  /** Says, for the report, how many values the channel holds. */
  note(held: number): void {
    this.#below.held = held;
    const { telemetry } = this.#below;
    if (held > telemetry.peak) telemetry.peak = held;
  }

  #receive(): void {
    const exchange = this.#exchange;
    // A closed gate keeps values back, not the end.
    while (!exchange.isDrained && this.#below.wants()) {
      if (!exchange.hasValue) return exchange.queueTaker(this);
      this.#send(exchange.take());
    }
    exchange.endIfDrained();
  }

  #send(value: T): void {
    this.#isSending = true;
    try {
      this.#below.send(value);
    } finally {
      this.#isSending = false;
    }
  }
}
