import { readdirSync, readFileSync } from 'node:fs';
import { Writable, type Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import { forEach, toFile, toIterable, toReadable, toWeb, toWritable } from 'sluice';
import { conform, type Destination, type SinkFactory } from '../../src/testing/conform.ts';
import { operatorSink } from './operatorSink.ts';
import type { Suites } from './suites.ts';
import { folder, newPath } from './temporary.ts';

/** What gives items when it is asked, and is told when nobody will ask any more. */
interface Puller {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  stop(): unknown;
}

/** A sink out of which items are pulled: a loop that writes each before it asks for the next. */
function pulled(make: (source$: Observable<unknown>) => Puller): SinkFactory<unknown, unknown> {
  return (source$, destination) => {
    const puller = make(source$);
    let isCancelled = false;
    const pull = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await puller.next();
        if (done === true || isCancelled) return;
        await destination.write(value);
      }
    };
    const stop = async (): Promise<void> => void (await puller.stop());
    const done = pull().catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    const cancel = (): void => {
      isCancelled = true;
      void stop();
    };
    return { done, cancel };
  };
}

function pullsFrom(iterable: AsyncIterable<unknown>): Puller {
  const iterator = iterable[Symbol.asyncIterator]();
  return { next: () => iterator.next(), stop: () => iterator.return?.() };
}

function readsFrom(readable: Readable): Puller {
  const iterator = readable[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  // Errors of a stream that is destroyed later are nobody's.
  readable.on('error', () => {});
  return { next: () => iterator.next(), stop: () => void readable.destroy() };
}

function streamsFrom(stream: ReturnType<typeof toWeb>): Puller {
  const reader = stream.getReader();
  return { next: () => reader.read(), stop: () => reader.cancel().catch(() => {}) };
}

/** A Node.js stream that writes to the destination. */
const writable = (destination: Destination<unknown>, highWaterMark: number): Writable =>
  new Writable({
    objectMode: true,
    highWaterMark,
    write(item, _, callback) {
      // oxlint-disable-next-line promise/no-callback-in-promise -- a stream takes no promise here
      destination.write(item).then(() => callback(), callback);
    },
  });

const NODE_ITEMS = [0, '', NaN, false, -0, 0n];
const causeOf = (error: unknown): unknown => (error as Error | undefined)?.cause;
let path = '';

/** Every sink that is exported, with the options that make a difference. */
export const sinkSuites: Suites = {
  forEach: [
    conform(
      operatorSink((to) => forEach(to.write)),
      { kind: 'sink', name: 'forEach', bound: 3 },
    ),
    conform(
      operatorSink((to) => forEach(to.write, { concurrency: 3, capacity: 2 })),
      { kind: 'sink', name: 'forEach(3)', bound: 5, concurrency: 3, order: 'completion' },
    ),
    conform(
      operatorSink<unknown, unknown[]>((to) => forEach(to.write, { capacity: 1, batch: { size: 4 } })),
      // Two batches of four, and a third that is being filled.
      { kind: 'sink', name: 'forEach(batches)', bound: 12, contents: (items) => items },
    ),
    conform(
      operatorSink<unknown, unknown[]>((to) => forEach(to.write, { concurrency: 2, batch: { size: 3, wait: 1 } })),
      {
        kind: 'sink',
        name: 'forEach(2, batches by time)',
        bound: 21,
        concurrency: 2,
        order: 'completion',
        contents: (items) => items,
      },
    ),
  ],
  toFile: ['.txt', '.txt.gz'].map((end) =>
    conform(
      operatorSink<string, unknown>(() => toFile((path = newPath(end)), { sync: false, gzip: false })),
      {
        kind: 'sink',
        name: `toFile(${end})`,
        bound: 2048,
        item: (n) => `${String(n)}\n`,
        written: async () => readFileSync(path, 'utf8').split('\n').slice(0, -1).map(Number),
        // What is not whole yet, and has to go.
        resources: () => readdirSync(folder).filter((name) => name.endsWith('.tmp')).length,
      },
    ),
  ),
  toWritable: [
    conform(
      operatorSink((to) => toWritable(writable(to, 4))),
      {
        kind: 'sink',
        name: 'toWritable(Node.js)',
        // As many as the stream takes, and 16 that wait.
        bound: 20,
        falsy: NODE_ITEMS,
        reason: causeOf,
        failsWith: 'errors',
      },
    ),
    conform(
      operatorSink((to) => toWritable(writable(to, 2), { capacity: 3 })),
      {
        kind: 'sink',
        name: 'toWritable(capacity 3)',
        bound: 5,
        falsy: NODE_ITEMS,
        reason: causeOf,
        failsWith: 'errors',
      },
    ),
    conform(
      operatorSink((to) => toWritable(new WritableStream<unknown>({ write: (item) => to.write(item) }))),
      { kind: 'sink', name: 'toWritable(web)', bound: 17, reason: causeOf },
    ),
    conform(
      operatorSink((to) =>
        toWritable(new WritableStream<unknown>({ write: (item) => to.write(item) }), { capacity: 0 }),
      ),
      { kind: 'sink', name: 'toWritable(web, capacity 0)', bound: 1, reason: causeOf },
    ),
  ],
  toIterable: [
    conform(
      pulled((source$) => pullsFrom(toIterable(source$))),
      { kind: 'sink', name: 'toIterable', bound: 1, isPulled: true, keepsOverrun: false },
    ),
    conform(
      pulled((source$) => pullsFrom(toIterable(source$, { capacity: 4 }))),
      { kind: 'sink', name: 'toIterable(4)', bound: 5, isPulled: true },
    ),
  ],
  toReadable: [
    conform(
      pulled((source$) => readsFrom(toReadable(source$, { highWaterMark: 3 }))),
      { kind: 'sink', name: 'toReadable', bound: 4, isPulled: true, falsy: NODE_ITEMS, failsWith: 'errors' },
    ),
  ],
  toWeb: [
    conform(
      pulled((source$) => streamsFrom(toWeb(source$))),
      { kind: 'sink', name: 'toWeb', bound: 1, isPulled: true },
    ),
    conform(
      pulled((source$) => streamsFrom(toWeb(source$, { strategy: { highWaterMark: 3 } }))),
      { kind: 'sink', name: 'toWeb(3)', bound: 4, isPulled: true },
    ),
  ],
};
