import { setSubscribing } from '../../core/demand.ts';
import { hooks } from '../../core/hooks.ts';
import { Ring } from '../../core/ring.ts';
import { ChannelClosedError } from '../ChannelClosedError.ts';
import { Line } from '../../core/line.ts';
import { safely } from '../../core/safely.ts';
import type { Receiver } from './Receiver.ts';
import type { Sender } from './Sender.ts';
import type { Failure, Taker } from './Taker.ts';

/** What a channel answers at once to a value. */
export type Answer = 'sent' | 'full' | 'closed';

/**
 * The place in which senders and takers meet: what a channel holds, who waits to send, and who waits to take.
 *
 * While there is something to take, nobody waits to take it: a taker joins the line only when it finds nothing. And senders
 * wait only while the buffer is full. So nobody is overtaken.
 */
export class Exchange<T> {
  readonly name: string;
  readonly capacity: number;
  readonly #buffer = new Ring<T>();
  readonly #senders = new Line<Sender<T>>();
  /** Those that wait for a value. The gate of some may have closed since: they say so when they are offered one. */
  readonly #takers = new Line<Taker<T>>();
  /** Every live subscription, waiting or not. */
  readonly #receivers = new Set<Receiver<T>>();
  /** The receiver in whose report it stands what the channel holds. */
  #reporter: Receiver<T> | undefined;
  #isClosed = false;
  #failure: Failure | undefined;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.capacity = capacity;
  }

  /** How many values it holds, besides those of senders that wait. */
  get length(): number {
    return this.#buffer.length;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether there is something to take. */
  get hasValue(): boolean {
    return this.#buffer.length > 0 || this.#senders.first !== undefined;
  }

  /** Whether there is nothing to take and never will be. */
  get isDrained(): boolean {
    return this.#isClosed && this.#buffer.length === 0;
  }

  /** What it was failed with, if it was. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Hands a value to whoever waits for one, or else keeps it, if there is room. */
  put(value: T): Answer {
    if (this.#isClosed) return 'closed';
    if (this.#takers.first !== undefined && this.#offer(value)) return 'sent';
    if (this.#buffer.length >= this.capacity) return 'full';
    this.#buffer.push(value);
    this.#note();
    return 'sent';
  }

  /** Queues a sender that found the channel full. */
  queueSender(sender: Sender<T>): void {
    this.#senders.push(sender);
  }

  /** Takes the oldest value, of which there must be one; the sender that has waited longest takes its room. */
  take(): T {
    if (this.#buffer.length === 0) return this.#senders.shift()!.accept();
    const value = this.#buffer.shift() as T;
    const sender = this.#senders.shift();
    if (sender === undefined) this.#note();
    else this.#buffer.push(sender.accept());
    return value;
  }

  /** Queues a taker that found nothing to take. */
  queueTaker(taker: Taker<T>): void {
    this.#takers.push(taker);
  }

  join(receiver: Receiver<T>): void {
    this.#receivers.add(receiver);
    this.#reporter?.note(0);
    this.#reporter = receiver;
    this.#note();
  }

  leave(receiver: Receiver<T>): void {
    this.#receivers.delete(receiver);
    if (this.#reporter !== receiver) return;
    receiver.note(0);
    [this.#reporter] = this.#receivers;
    this.#note();
  }

  /** Takes no more values. Those of senders that wait have not been taken. */
  close(failure?: Failure): void {
    if (this.#isClosed) {
      // The first end counts. An error that nobody will hear of otherwise must not disappear.
      if (failure !== undefined) hooks.lateError(failure.error, this.name);
      return;
    }
    this.#isClosed = true;
    this.#failure = failure;
    for (let sender = this.#senders.shift(); sender !== undefined; sender = this.#senders.shift()) {
      sender.refuse(new ChannelClosedError(this.name, failure));
    }
    this.endIfDrained();
  }

  /** Ends everyone if nothing is left. To be called when something may have been the last. */
  endIfDrained(): void {
    if (!this.isDrained) return;
    const outer = setSubscribing(undefined);
    try {
      for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) this.#end(taker);
      for (const receiver of this.#receivers) this.#end(receiver);
    } finally {
      setSubscribing(outer);
    }
  }

  /** One that does not end well must not keep the others from their end; and whoever closes the channel has no part in it. */
  #end(taker: Taker<T>): void {
    safely(
      () => taker.end(this.#failure),
      (error) => hooks.lateError(error, this.name),
    );
  }

  #offer(value: T): boolean {
    // What runs from here on subscribes on its own account, even if a value is sent while a stage subscribes.
    const outer = setSubscribing(undefined);
    try {
      for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) {
        if (taker.offer(value)) return true;
      }
      return false;
    } finally {
      setSubscribing(outer);
    }
  }

  #note(): void {
    this.#reporter?.note(this.#buffer.length);
  }
}
