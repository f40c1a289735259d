import type { Observable } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { BoundedChannel } from './channel/BoundedChannel.ts';

/** The options of {@link channel}. */
export interface ChannelOptions {
  /**
   * How many values it holds that nobody has taken yet: an integer of 0 or more, or `Infinity`. Required. With 0 it holds
   * none: sender and receiver have to meet.
   */
  capacity: number;
  /** Names the channel in errors and the report: 1 to 200 printable characters. Default `'channel'`. */
  name?: string | undefined;
}

/** The options of {@link Channel.send}. */
export interface SendOptions {
  /** Ends the wait: the value is then never delivered, and the promise rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
}

/** A queue with a bound, between code that sends and flows or loops that receive. Made by {@link channel}. */
export interface Channel<T> extends Observable<T>, AsyncIterable<T> {
  /** How many values it holds. */
  readonly length: number;
  /** How many values it may hold. */
  readonly capacity: number;
  /** Whether it takes no more values. It may still hold some. */
  readonly isClosed: boolean;
  /**
   * Sends a value and waits for as long as the channel is full. Resolves once the channel or a receiver has the value. Otherwise the
   * value is never delivered, and it rejects: with a {@link ChannelClosedError} if the channel is closed, also during the
   * wait; with the reason of `signal` if that has aborted; with a TypeError if an option is wrong.
   */
  send(value: T, options?: SendOptions): Promise<void>;
  /** Sends a value if that needs no waiting. Answers `'sent'`; or `'full'` or `'closed'`, and then the value is never delivered. */
  trySend(value: T): 'sent' | 'full' | 'closed';
  /**
   * Ends the channel: it takes no more values, and completes every receiver once all that it holds has been taken. Values
   * of senders that wait have not been taken: they reject with a {@link ChannelClosedError}. Does nothing if it is closed.
   */
  close(): void;
  /**
   * Ends it like {@link Channel.close}, but every receiver errors with `error`. If it is closed already nothing changes, and
   * `error` goes to `hooks.lateError`.
   */
  fail(error: unknown): void;
  /**
   * A receiver that takes one value for each `next()`, in the order of the calls. `break` leaves the rest in the channel.
   * After `fail` the next call rejects, once for each iterator.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

/**
 * Makes a queue with a bound, in the manner of Go: any number of producers send, any number of receivers share what is sent.
 *
 * ```
 * send:   a-b-c------|     capacity: 2, |: close()
 * demand: --x----o----     o: gate opens, x: gate closes
 * result: a------(bc)|
 * ```
 *
 * - **Emits** each value to one of its receivers: to the one that has waited longest for a value, if its gate is open, in
 *   the very call of `send`. To subscribe, or to iterate, is to become a receiver.
 * - **Holds back**: a receiver whose gate is closed takes nothing, and the values go to the others. Once the channel is full,
 *   `send` waits, first come first served, and `trySend` answers `'full'`.
 * - **Completes** after `close()`, once everything that it holds has been taken; then also everyone who subscribes later.
 * - **Errors** in the same way after `fail(error)`. A receiver that unsubscribes loses nothing: what it has not been sent stays
 *   for others. Under `run`, a graceful end makes the receivers in that flow take no more and complete; what
 *   the channel holds stays in it, so close it for a flow that is to take everything.
 *
 * It holds at most `capacity` values. Each sender that waits holds one more, and a promise that belongs to whoever called `send`: a
 * producer that awaits it has one at most.
 *
 * @example
 * ```ts
 * const jobs = channel<number>({ capacity: 2 });
 * jobs.pipe(workerPool(work, { concurrency: 4 })).subscribe(console.log);
 * for (const n of [1, 2, 3]) await jobs.send(n); // waits while the pool and the channel are full
 * jobs.close(); // the pool finishes what it has, and completes
 * ```
 *
 * `trySend` costs about as much as `next` of a Subject, `send` a promise more. Where nothing has to wait, and all are to get
 * every value, use a Subject. Two receivers that feed one stage take turns; `concurrency` of one receiver does the same for less.
 *
 * @see `Subject` of RxJS, which gives every value to all subscribers and never waits. `buffered`, which holds values
 * between two stages of one flow. {@link fromIterable}, for values that can be made when they are wanted.
 * @param options See {@link ChannelOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function channel<T>(options: ChannelOptions): Channel<T> {
  const read = new OptionReader<ChannelOptions>('channel', options, ['capacity', 'name']);
  const capacity = read.count('capacity', 0, NaN, true);
  if (Number.isNaN(capacity)) throw read.wrong('capacity', 'given: an integer of 0 or more, or Infinity', undefined);
  return new BoundedChannel<T>(read.stageName('channel'), capacity);
}
