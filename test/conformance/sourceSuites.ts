import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { gzipSync } from 'node:zlib';
import { EMPTY, concat, defer, merge, throwError, type Observable } from 'rxjs';
import { abortable } from '../../src/sources/abortable.ts';
import { channel } from '../../src/sources/channel.ts';
import { chunks } from '../../src/sources/chunks.ts';
import { fanIn } from '../../src/sources/fanIn.ts';
import { fromEventEmitter } from '../../src/sources/fromEventEmitter.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { fromParquet } from '../../src/sources/fromParquet.ts';
import { fromReadable } from '../../src/sources/fromReadable.ts';
import { lines } from '../../src/sources/lines.ts';
import { quitSignal } from '../../src/sources/quitSignal.ts';
import { unfold } from '../../src/sources/unfold.ts';
import { conform } from '../../src/testing/conform.ts';
import { opened } from '../sources/openedFiles.ts';
import { shapingSourceSuites } from './shapingSuites.ts';
import { sources2Suites } from './sources2Suites.ts';
import type { Suites } from './suites.ts';
import { newPath } from './temporary.ts';

/** The same items, each with a promise. */
async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

function* failingAfter<T>(items: readonly T[], error: unknown): Generator<T> {
  yield* items;
  throw error;
}

/** What a file has opened that was not closed. */
const openFiles = (): number => opened.filter((stream) => !stream.closed).length;

type Emitter = EventEmitter<{ item: [unknown]; end: []; error: [unknown] }>;

const emitters: Pick<Emitter, 'eventNames' | 'listenerCount'>[] = [];
const listeners = (): number =>
  emitters
    .flatMap((emitter) => emitter.eventNames().map((name) => emitter.listenerCount(name)))
    .reduce((sum, count) => sum + count, 0);

/** An emitter that sends these items, and an end, as soon as somebody listens. */
function emitting(items: Iterable<unknown>, end: (emitter: Emitter) => void): Observable<unknown> {
  const list = [...items];
  return defer(() => {
    const emitter: Emitter = new EventEmitter();
    emitters.push(emitter);
    return merge(
      fromEventEmitter(emitter, 'item', { overflow: 'dropOldest', capacity: Infinity, until: 'end' }),
      defer(() => {
        list.forEach((item) => emitter.emit('item', item));
        end(emitter);
        return EMPTY;
      }),
    );
  });
}

/** A channel into which somebody sends all items, as fast as it lets them. */
function sentInto(capacity: number, items: Iterable<unknown>): Observable<unknown> {
  const sink = channel<unknown>({ capacity });
  void (async () => {
    for (const item of items) await sink.send(item);
    sink.close();
  })();
  return sink;
}

/** A channel that holds all items. */
function full(items: Iterable<unknown>, end: (sink: ReturnType<typeof channel>) => void): Observable<unknown> {
  const sink = channel<unknown>({ capacity: Infinity });
  for (const item of items) sink.trySend(item);
  end(sink);
  return sink;
}

const text = (items: Iterable<unknown>): string => [...items].map((item) => `${String(item)}\n`).join('');
const bytes = (items: Iterable<unknown>): Uint8Array => new Uint8Array(Uint32Array.from([...items] as number[]).buffer);

function file(content: string | Uint8Array, end = ''): string {
  const path = newPath(end);
  writeFileSync(path, content);
  return path;
}

const ofFile = {
  kind: 'source',
  pulls: false,
  isAsync: true,
  falsy: [],
  failing: false,
  resources: openFiles,
} as const;

/** Every source that is exported, with the inputs and options that make a difference. */
export const sourceSuites: Suites = {
  fromIterable: [
    conform((items) => fromIterable(items), { kind: 'source', name: 'fromIterable' }),
    conform((items) => fromIterable(() => items), { kind: 'source', name: 'fromIterable(a function)' }),
    conform((items) => fromIterable(() => later(items)), {
      kind: 'source',
      name: 'fromIterable(async)',
      isAsync: true,
      slack: 1,
    }),
  ],
  fromReadable: [
    conform((items) => fromReadable(() => Readable.from(items, { highWaterMark: 3 })), {
      kind: 'source',
      name: 'fromReadable(Node.js)',
      isAsync: true,
      // What the stream holds, and what it is asking for.
      slack: 5,
      // A Node.js stream takes null for its end, and undefined for nothing.
      falsy: [0, '', false, NaN, -0, 0n],
      failsWith: 'errors',
    }),
    conform((items) => fromReadable(() => ReadableStream.from(later(items))), {
      kind: 'source',
      name: 'fromReadable(web)',
      isAsync: true,
      slack: 2,
    }),
  ],
  lines: [
    conform((items) => lines(file(text(items))), {
      ...ofFile,
      name: 'lines(a file)',
      contents: (line) => [Number(line)],
    }),
    conform((items) => lines(file(gzipSync(text(items)), '.gz')), {
      ...ofFile,
      name: 'lines(a gzip file)',
      contents: (line) => [Number(line)],
    }),
    conform((items) => lines(() => Readable.from([text(items)])), {
      kind: 'source',
      name: 'lines(a stream)',
      pulls: false,
      isAsync: true,
      falsy: [],
      contents: (line) => [Number(line)],
      failing: (items, error) => lines(() => Readable.from(failingAfter([text(items)], error), { highWaterMark: 1 })),
      slack: 1,
      failsWith: 'errors',
    }),
  ],
  chunks: [
    conform((items) => chunks(file(bytes(items)), { size: 4 }), {
      ...ofFile,
      name: 'chunks',
      contents: (chunk) => [chunk.readUInt32LE()],
    }),
  ],
  fromParquet: [
    // What this reads is made up by parquetFake.ts.
    conform((items) => fromParquet(file(String([...items].length))), {
      ...ofFile,
      name: 'fromParquet',
      resources: undefined,
      contents: (group) => [group.index],
    }),
  ],
  channel: [
    conform((items) => sentInto(0, items), {
      kind: 'source',
      name: 'channel(0)',
      pulls: false,
      isAsync: true,
      receivers: 'shared',
      failing: false,
    }),
    conform((items) => sentInto(3, items), {
      kind: 'source',
      name: 'channel(3)',
      pulls: false,
      isAsync: true,
      receivers: 'shared',
      failing: false,
    }),
    conform((items) => full(items, (sink) => sink.close()), {
      kind: 'source',
      name: 'channel(Infinity)',
      pulls: false,
      receivers: 'shared',
      failing: (items, error) => full(items, (sink) => sink.fail(error)),
    }),
  ],
  unfold: [
    conform(
      (items) => {
        const list = [...items];
        return unfold(0, (n) => (n === list.length ? undefined : [list[n], n + 1]));
      },
      {
        kind: 'source',
        name: 'unfold',
        pulls: false,
        failing: (items, error) =>
          unfold(0, (n) => {
            if (n === items.length) throw error;
            return [items[n], n + 1];
          }),
      },
    ),
    conform(
      (items) => {
        const list = [...items];
        return unfold(0, async (n) => (n === list.length ? undefined : [list[n], n + 1]));
      },
      {
        kind: 'source',
        name: 'unfold(async)',
        pulls: false,
        isAsync: true,
        failing: (items, error) =>
          unfold(0, async (n) => {
            if (n === items.length) throw error;
            return [items[n], n + 1];
          }),
      },
    ),
  ],
  abortable: [
    conform((items) => abortable(() => [...items][0]), {
      kind: 'source',
      name: 'abortable',
      pulls: false,
      isSingle: true,
      failing: (_, error) =>
        abortable(() => {
          throw error;
        }),
    }),
    conform((items) => abortable(async () => [...items][0]), {
      kind: 'source',
      name: 'abortable(async)',
      pulls: false,
      isSingle: true,
      isAsync: true,
      failing: (_, error) => abortable(() => Promise.reject(error)),
    }),
  ],
  fanIn: [
    conform((items) => fanIn(fromIterable(items), EMPTY), { kind: 'source', name: 'fanIn', slack: 1 }),
    conform((items) => fanIn([EMPTY, fromIterable(() => later(items))], { priority: [1, 3] }), {
      kind: 'source',
      name: 'fanIn(async)',
      isAsync: true,
      slack: 2,
    }),
    conform((items) => fanIn([...items]), {
      kind: 'source',
      name: 'fanIn(an array)',
      pulls: false,
      failing: (items, error) =>
        fanIn(
          concat(
            items,
            throwError(() => error),
          ),
        ),
    }),
  ],
  fromEventEmitter: [
    conform((items) => emitting(items, (emitter) => emitter.emit('end')), {
      kind: 'source',
      name: 'fromEventEmitter',
      pulls: false,
      failing: (items, error) => emitting(items, (emitter) => emitter.emit('error', error)),
      resources: listeners,
    }),
  ],
  quitSignal: [
    // The signal comes as soon as somebody listens for it. What it emits stands for the only item.
    conform(
      () =>
        merge(
          quitSignal('SIGUSR2'),
          defer(() => {
            process.emit('SIGUSR2', 'SIGUSR2');
            return EMPTY;
          }),
        ),
      {
        kind: 'source',
        name: 'quitSignal',
        pulls: false,
        isPausable: false,
        isSingle: true,
        contents: () => [0],
        failing: false,
        resources: () => process.listenerCount('SIGUSR2'),
      },
    ),
  ],
  ...shapingSourceSuites,
  ...sources2Suites,
};
