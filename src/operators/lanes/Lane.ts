import { from, Observable, type ObservableInput, type Subscriber } from 'rxjs';
import { gateBelow } from '../../core/demand.ts';
import { Waiter, type Gate } from '../../core/gate.ts';
import { InletSubscriber, type OperatorConnection } from '../../core/operate.ts';
import { safely } from '../../core/safely.ts';

/** What a {@link Lane} reports. */
export interface LaneEvents {
  /** It may take an item now, or never will again. */
  changed(): void;
  failed(error: unknown): void;
  /** What is in it has not ended well: that must keep neither the other lanes nor the end back. */
  late(error: unknown): void;
  completed(): void;
}

/** One subscription of what goes into a lane. */
interface Input<T> {
  readonly subscriber: Subscriber<T>;
  readonly gate: Gate;
}

/** One of several ways: what goes in, the gates that it shows, and what comes out. */
export class Lane<T, R> {
  hasCompleted = false;
  /** The number of the latest item that it was sent, where each is sent to all lanes. */
  latest = -1;
  readonly #exit: InletSubscriber<R, R>;
  readonly #make: (items$: Observable<T>) => ObservableInput<R>;
  readonly #events: LaneEvents;
  readonly #waiter: Waiter;
  readonly #late = (error: unknown): void => this.#events.late(error);
  /** Exchanged for another array at every change, so that a loop over it is not disturbed. */
  #inputs: readonly Input<T>[] = [];
  /** The gate of the latest input, for the report: it says where the lane leads also after its end. */
  #gate: Gate | undefined;
  #inputEnded = false;

  constructor({ out }: OperatorConnection<R>, make: (items$: Observable<T>) => ObservableInput<R>, events: LaneEvents) {
    this.#make = make;
    this.#events = events;
    this.#waiter = new Waiter(() => events.changed());
    this.#exit = new InletSubscriber<R, R>(out);
    this.#exit.connect({
      next: (value) => out.next(value),
      error: (error) => events.failed(error),
      complete: () => {
        this.hasCompleted = true;
        events.completed();
        events.changed();
      },
    });
  }

  /** What decides whether it takes an item. */
  get gates(): readonly Gate[] {
    if (this.isSubscribed) return this.#inputs.map(({ gate }) => gate);
    return this.#gate === undefined ? [] : [this.#gate];
  }

  /** Whether what it is sent arrives anywhere. */
  get isSubscribed(): boolean {
    return this.#inputs.length > 0;
  }

  /** Whether it takes no more: it has completed, or given up its items. It may still subscribe to them again. */
  get isOver(): boolean {
    return this.hasCompleted || (this.#gate !== undefined && !this.isSubscribed);
  }

  /** Whether it takes an item now. */
  get isFree(): boolean {
    return this.isSubscribed && this.#closed === undefined;
  }

  connect(): void {
    try {
      from(this.#make(new Observable((input) => this.#enter(input)))).subscribe(this.#exit);
    } catch (error) {
      this.#events.failed(error);
    }
  }

  /** Has `changed` called when it may take an item. */
  wait(): void {
    this.#closed?.gate.wait(this.#waiter);
  }

  send(item: T): void {
    for (const { subscriber } of this.#inputs) subscriber.next(item);
  }

  complete(): void {
    this.#inputEnded = true;
    for (const { subscriber } of this.#inputs) safely(() => subscriber.complete(), this.#late);
  }

  cancel(): void {
    this.#waiter.cancel();
    safely(() => this.#exit.unsubscribe(), this.#late);
  }

  get #closed(): Input<T> | undefined {
    return this.#inputs.find(({ gate }) => !gate.isOpen);
  }

  #enter(subscriber: Subscriber<T>): void {
    if (this.#inputEnded) return subscriber.complete();
    const input = { subscriber, gate: gateBelow(subscriber) };
    this.#gate = input.gate;
    this.#inputs = [...this.#inputs, input];
    input.gate.attach();
    subscriber.add(() => {
      this.#inputs = this.#inputs.filter((other) => other !== input);
      input.gate.attached--;
      this.#waiter.cancel();
      this.#events.changed();
    });
    this.#events.changed();
  }
}
