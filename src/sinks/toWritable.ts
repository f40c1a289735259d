import type { OperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import { isFunction, OptionReader } from '../core/options.ts';
import { readFlag } from '../core/readers.ts';
import { belongsToProcess, checkDestination, openDestination, writerTo } from './write/openDestination.ts';
import { WriteStage } from './write/WriteStage.ts';

/** The options of {@link toWritable}. */
export interface ToWritableOptions {
  /**
   * Whether the stream is ended after the last item, and destroyed if there is none: when the source fails or the flow is
   * unsubscribed. Default `true`, but `false` for `process.stdout` and `process.stderr`, which belong to the whole process.
   */
  end?: boolean | undefined;
  /**
   * What becomes of the flow when whoever reads a Node.js stream goes away: it fails with `EPIPE` or `ECONNRESET`, or is
   * closed before its end. `'fail'`: with a `WriteError`. `'complete'`: the source is unsubscribed and the flow completes;
   * what was not written counts as abandoned. Default `'fail'`, but `'complete'` for `process.stdout` and
   * `process.stderr`, so that a program ends quietly in `program | head -1`.
   */
  readerGone?: 'fail' | 'complete' | undefined;
  /**
   * How many items may wait while the stream has no room: an integer of 0 or more, or `Infinity`. Default 16. With 0 the
   * source stops at the very item that fills the stream, and is woken once for every item.
   */
  capacity?: number | undefined;
  /** Names the stage in errors and the report. Default `'toWritable'`. */
  name?: string | undefined;
  /**
   * How many items beyond its bound it takes from a source that cannot be paused, before it fails with an
   * `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Writes every item to a Node.js or web stream, ends it, and waits until everything is written.
 *
 * ```
 * source: a-b-c-----d|       a stream that is full with two items, and capacity: 1
 * drain:  -----d---------    d: the stream has room again
 * finish: --------------f    f: the stream says that it has finished
 * writes: a-b--c----d
 * result: --------------|
 * ```
 *
 * - **Emits** nothing.
 * - **Holds back** its source from when `write()` says that the stream is full until its `'drain'` (a web stream: until it
 *   wants more), once `capacity` items wait besides.
 * - **Completes** when the stream has finished; with `end: false`, when it has confirmed the last item.
 * - **Errors** at once with its source, and with a `WriteError` when the stream fails, also between two items, or is closed or
 *   ended by something else. Its `cause` is the stream's own error.
 *
 * It holds at most `capacity` items, besides those that the stream has taken and not confirmed: so many as its own
 * high-water mark lets it take. They too count as held, and as abandoned if the stream fails.
 *
 * When the source fails, the stream is destroyed with its error, as `pipeline` does; when the flow is unsubscribed, it is
 * destroyed without one. Under `run` the flow's end waits until it is closed. With `end: false` the stream is left alone.
 * Nothing of this stays with the stream: listeners are removed, locks released.
 *
 * @example
 * ```ts
 * await run(rows$.pipe(encodeNdjson(), toWritable(process.stdout))).done;
 * rows$.pipe(encodeNdjson(), toWritable(() => createWriteStream('rows.ndjson', { flags: 'a' })));
 * ```
 *
 * Costs about as much as the stream's own `write()`, which is called once for each item: join small ones first. A file that
 * must not be seen half-written is a matter for `toFile`.
 *
 * @see `toFile`, which puts a whole file in its place or none. `forEach`, for what is no stream. `toReadable` with
 * `pipeline`, which takes one stream more.
 * @param destination A stream, or a function that gives one, called once a subscription. A stream can be ended once; with a
 * function every subscription has its own. What it is given must be what it takes: strings and bytes, unless it is in object mode.
 * @param options See {@link ToWritableOptions}.
 * @throws TypeError if `destination` is neither, or a stream that is locked, has ended or was destroyed; a subscription
 * errors with the same. TypeError or RangeError if an option is wrong.
 */
export function toWritable<T>(
  destination: WritableStream<T> | (() => WritableStream<T>),
  options?: ToWritableOptions,
): OperatorFunction<T, never>;
export function toWritable(
  destination: NodeJS.WritableStream | (() => NodeJS.WritableStream),
  options?: ToWritableOptions,
): OperatorFunction<unknown, never>;
export function toWritable(destination: unknown, options: ToWritableOptions = {}): OperatorFunction<unknown, never> {
  if (!isFunction(destination)) checkDestination('toWritable', destination);
  const read = new OptionReader<ToWritableOptions>('toWritable', options, OPTIONS);
  const ends = readFlag(read, 'end', undefined);
  const settings = {
    name: read.stageName('toWritable'),
    capacity: read.count('capacity', 0, 16, true),
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
  };
  const readerGone = read.oneOf('readerGone', ['fail', 'complete'], 'fail');
  const isGiven = read.get('readerGone') !== undefined;
  return operate((connection) => {
    const stream = openDestination('toWritable', destination);
    const isShared = belongsToProcess(stream);
    const completes = isGiven ? readerGone === 'complete' : isShared;
    return new WriteStage(connection, settings, writerTo(stream, ends ?? !isShared), completes);
  });
}

const OPTIONS = ['end', 'readerGone', 'capacity', 'name', 'overflowLimit'] as const;
