import type { ReadableStream } from 'node:stream/web';
import { Observable } from 'rxjs';
import { isFunction } from '../core/options.ts';
import { checkStream } from './checkStream.ts';
import { openStream } from './openStream.ts';
import { pump } from './pump.ts';

/**
 * Emits what a Node.js or web stream gives, one chunk for each that is wanted.
 *
 * ```
 * stream: 1-2-3---4-|
 * demand: o--x--o----    o: gate opens, x: gate closes
 * result: 1-2---3-4-|
 * ```
 *
 * - **Emits** every object of an object stream, and bytes or text in the pieces in which they come; of a Node.js stream
 *   that is all it has buffered.
 * - **Holds back**: it takes nothing while the gate below is closed, so the stream fills up to its own high-water mark and
 *   holds its producer back. Of a web stream one chunk may be on its way.
 * - **Completes** when the stream ends. Under `run`, a graceful end completes it at once.
 * - **Errors** at once with the error of the stream, and with `ERR_STREAM_PREMATURE_CLOSE` if it is closed before its end.
 *   In every ending but its own the stream is destroyed, or cancelled; its lock is released. Under `run` the flow's end
 *   waits for that.
 *
 * @example
 * ```ts
 * const words = fromReadable<string>(Readable.from(['to', 'be', 'or']));
 * words.subscribe(console.log); // to be or
 *
 * // a stream that is not there yet
 * defer(() => fetch(url)).pipe(concatMap(({ body }) => fromReadable(body!)));
 * ```
 *
 * Costs little more than the stream itself: objects come through about ten times as fast as with `for await`.
 *
 * @see {@link fromIterable}, which also takes streams, as the async iterables they are, at a promise an item.
 * @see {@link lines}, which also cuts them into lines.
 * @param source A stream, or a function that gives one, called once a subscription. A stream can be subscribed to once; with a
 * function every subscription has its own. The type of what a Node.js stream gives is not known: name it, as in the example.
 * @throws TypeError if `source` is neither, or a stream that is locked, has ended or was destroyed. A subscription errors
 * with the same if the function gives such a stream, or somebody has already subscribed to this one.
 */
export function fromReadable<T>(source: ReadableStream<T> | (() => ReadableStream<T>)): Observable<T>;
export function fromReadable<T = unknown>(source: NodeJS.ReadableStream | (() => NodeJS.ReadableStream)): Observable<T>;
export function fromReadable<T>(source: unknown): Observable<T> {
  if (!isFunction(source)) checkStream('fromReadable', source);
  const settings = { name: 'fromReadable' };
  return new Observable((subscriber) => {
    pump(subscriber, settings, (listener) => openStream('fromReadable', source, listener));
  });
}
