import { Readable } from 'node:stream';
import { isUint8Array } from 'node:util/types';
import type { Observable } from 'rxjs';
import { wrongType } from '../core/errors.ts';
import { OptionReader } from '../core/options.ts';
import { readFlag } from '../core/readers.ts';
import { checkSource } from './pull/checkSource.ts';
import { PullFlow } from './pull/PullFlow.ts';
import { PullStage } from './pull/PullStage.ts';
import { streamError } from './streamError.ts';

/** The options of {@link toReadable}. */
export interface ToReadableOptions {
  /**
   * Whether every item is an object of the stream. Default `true`. With `false` the stream is one of bytes: items must be
   * strings or `Uint8Array`s, and where one ends and the next begins is lost.
   */
  objectMode?: boolean | undefined;
  /**
   * How much the stream fetches ahead: items, or bytes with `objectMode: false`; an integer of 0 or more. Default: that of
   * Node.js, 16 items or 16 KiB (64 KiB from Node.js 22 on).
   */
  highWaterMark?: number | undefined;
  /** Names the stage in errors and warnings. Default `'toReadable'`. */
  name?: string | undefined;
  /**
   * How many items beyond its bound it takes from a source that cannot be paused, before it fails with an
   * `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Makes a flow a Node.js stream to read from.
 *
 * ```
 * read:   ----r-r-r-r-r       r: somebody reads an item
 * source: (ab)c-d-e-|         with highWaterMark: 2
 * stream: ----a-b-c-d-e|
 * ```
 *
 * - **Gives** every item, in order. It subscribes once, when it is first read; until then nothing happens.
 * - **Holds back** its source while `highWaterMark` items (or bytes) wait in the stream.
 * - **Ends** after the last item has been read. `destroy()` unsubscribes at once; `'close'` comes when everything is
 *   released. So `pipeline` works both ways.
 * - **Errors** at once with that of its source, as Node.js' own streams do: `destroy(error)`, which does not wait for what
 *   was fetched ahead and not read. In a stream `null` means the end, so an item that is `null` is a `TypeError`; with
 *   `objectMode: false` so is one that is neither a string nor a `Uint8Array`.
 *
 * It holds nothing by itself; the stream holds `highWaterMark` items, or so many bytes and one item.
 *
 * @example
 * ```ts
 * createServer((request, response) => {
 *   pipeline(toReadable(rows$.pipe(encodeNdjson()), { objectMode: false }), response, logFailure);
 * });
 * ```
 *
 * Costs what a Node.js stream costs; iterated, about half of `Readable.from`. A `Transform` that it is piped into drops items that are
 * `undefined`.
 *
 * @see `toWritable`, which needs no stream between the flow and the one that it is written to. `Readable.from(toIterable(flow))`,
 * which does the same with a promise an item.
 * @param source The flow.
 * @param options See {@link ToReadableOptions}.
 * @throws TypeError if `source` is no Observable; TypeError or RangeError if an option is wrong.
 */
export function toReadable(
  source: Observable<string | Uint8Array>,
  options: ToReadableOptions & { objectMode: false },
): Readable;
export function toReadable(source: Observable<unknown>, options?: ToReadableOptions & { objectMode?: true }): Readable;
export function toReadable(source: Observable<unknown>, options: ToReadableOptions = {}): Readable {
  checkSource('toReadable', source);
  const read = new OptionReader<ToReadableOptions>('toReadable', options, OPTIONS);
  const objectMode = readFlag(read, 'objectMode', true);
  const highWaterMark = read.get('highWaterMark') === undefined ? undefined : read.count('highWaterMark', 0, 0);
  const settings = {
    name: read.stageName('toReadable'),
    capacity: 0,
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
  };
  let isWanted = false;
  let index = 0;
  const flow = new PullFlow();
  const stage = new PullStage(source, settings, flow, {
    get wants(): number {
      if (!isWanted) return 0;
      return objectMode ? Math.max(stream.readableHighWaterMark - stream.readableLength, 1) : 1;
    },
    take(item) {
      check(item, index++, objectMode);
      // Whoever hears of the item may ask for another before `push` says whether there is room.
      isWanted = false;
      if (stream.push(item)) isWanted = true;
    },
    ended: () => void stream.push(null),
    failed: (error) => void stream.destroy(streamError(error)),
  });
  const stream = new Readable({
    objectMode,
    ...(highWaterMark === undefined ? {} : { highWaterMark }),
    read() {
      isWanted = true;
      stage.pull();
    },
    destroy(error, callback) {
      stage.stop();
      // oxlint-disable-next-line promise/no-callback-in-promise -- a stream takes no promise here
      void flow.released().then(() => callback(error));
    },
  });
  return stream;
}

const OPTIONS = ['objectMode', 'highWaterMark', 'name', 'overflowLimit'] as const;

function check(item: unknown, index: number, objectMode: boolean): void {
  if (objectMode ? item !== null : typeof item === 'string' || isUint8Array(item)) return;
  const rule = objectMode
    ? 'anything but null, which ends a stream'
    : 'a string or a Uint8Array with objectMode: false';
  throw wrongType('toReadable', `item ${index}`, rule, item);
}
