import { Observable } from 'rxjs';
import { OptionReader } from '../../core/options.ts';
import type { Channel, SendOptions } from '../channel.ts';
import { ChannelClosedError } from '../ChannelClosedError.ts';
import { Exchange, type Answer } from './Exchange.ts';
import { Iteration } from './Iteration.ts';
import { Receiver } from './Receiver.ts';
import { Sender } from './Sender.ts';

/** A {@link Channel}. */
export class BoundedChannel<T> extends Observable<T> implements Channel<T> {
  readonly #exchange: Exchange<T>;

  constructor(name: string, capacity: number) {
    const exchange = new Exchange<T>(name, capacity);
    const settings = { name };
    super((subscriber) => {
      if (!subscriber.closed) new Receiver(exchange, subscriber, settings).start();
    });
    this.#exchange = exchange;
  }

  get length(): number {
    return this.#exchange.length;
  }

  get capacity(): number {
    return this.#exchange.capacity;
  }

  get isClosed(): boolean {
    return this.#exchange.isClosed;
  }

  send(value: T, options?: SendOptions): Promise<void> {
    // A wrong option rejects too: whoever calls this has one place in which to look for errors.
    return new Promise((resolve, reject) => {
      const signal = options === undefined ? undefined : readSignal(options);
      if (signal?.aborted === true) return reject(signal.reason);
      const exchange = this.#exchange;
      const answer = exchange.put(value);
      if (answer === 'sent') resolve();
      else if (answer === 'full') exchange.queueSender(new Sender(value, signal, resolve, reject));
      else reject(new ChannelClosedError(exchange.name, exchange.failure));
    });
  }

  trySend(value: T): Answer {
    return this.#exchange.put(value);
  }

  close(): void {
    this.#exchange.close();
  }

  fail(error: unknown): void {
    this.#exchange.close({ error });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new Iteration(this.#exchange);
  }
}

function readSignal(options: SendOptions): AbortSignal | undefined {
  const read = new OptionReader('send', options, ['signal']);
  const signal = read.get('signal');
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw read.wrong('signal', 'an AbortSignal', signal);
  return signal;
}
