import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Observable, map, type OperatorFunction } from 'rxjs';
import { forEach } from '../../../src/sinks/forEach.ts';
import { toFile } from '../../../src/sinks/toFile.ts';
import { toIterable } from '../../../src/sinks/toIterable.ts';
import { toReadable } from '../../../src/sinks/toReadable.ts';
import { toWeb } from '../../../src/sinks/toWeb.ts';
import { toWritable } from '../../../src/sinks/toWritable.ts';
import type { Consumer, Sink, Started } from './Sink.ts';

const all = (): boolean => true;
const notNull = (item: unknown): boolean => item !== null;

/** A Node.js stream whose writes are taken by a consumer. */
const writableTo = (consumer: Consumer, highWaterMark: number): Writable =>
  new Writable({
    objectMode: true,
    highWaterMark,
    write: (item, _, callback) => void answer(consumer, item, callback),
  });

/** Tells a stream how a consumer took an item. */
async function answer(consumer: Consumer, item: unknown, callback: (error?: Error) => void): Promise<void> {
  try {
    await consumer(item);
  } catch (error) {
    return callback(error as Error);
  }
  callback();
}

const toConsumer =
  (consumer: Consumer) =>
  async (iterable: AsyncIterable<unknown>): Promise<void> => {
    for await (const item of iterable) await consumer(item);
  };

/** A sink that is an operator. */
const operator = (make: (consumer: Consumer) => OperatorFunction<unknown, unknown>): Sink['prepare'] => {
  return (source, consumer) => {
    const flow = source.pipe(make(consumer));
    return {
      start: () => {
        let cancel!: () => void;
        const done = new Promise<void>((resolve, reject) => {
          const subscription = new Observable((subscriber) => flow.subscribe(subscriber)).subscribe({
            error: reject,
            complete: resolve,
          });
          cancel = () => subscription.unsubscribe();
        });
        return { done, cancel };
      },
    };
  };
};

/** Runs `use`, whose failure because of a cancel is not one. */
function cancellable(use: (signal: AbortSignal) => Promise<void>, cancel?: () => unknown): Started {
  const controller = new AbortController();
  const done = use(controller.signal).catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return {
    done,
    cancel: () => {
      controller.abort();
      return cancel === undefined ? done : cancel();
    },
  };
}

const iterable = (capacity: number): Sink => ({
  name: `toIterable, ${capacity} ahead`,
  ahead: capacity,
  takes: all,
  hasConsumer: true,
  prepare(source, consumer) {
    const iterator = toIterable(source, { capacity })[Symbol.asyncIterator]();
    const again = { [Symbol.asyncIterator]: () => iterator };
    return {
      start: () =>
        cancellable(
          () => toConsumer(consumer)(again),
          () => iterator.return!(),
        ),
    };
  },
});

const readable = (highWaterMark: number): Sink => ({
  name: `toReadable, ${highWaterMark} ahead, iterated`,
  ahead: Math.max(highWaterMark, 1),
  takes: notNull,
  hasConsumer: true,
  prepare(source, consumer) {
    const stream = toReadable(source, { highWaterMark });
    return {
      start: () =>
        cancellable(
          () => toConsumer(consumer)(stream),
          () => stream.destroy(),
        ),
    };
  },
});

const pipelined: Sink = {
  name: 'toReadable, in a pipeline',
  ahead: 4,
  takes: notNull,
  hasConsumer: true,
  prepare(source, consumer) {
    const stream = toReadable(source, { highWaterMark: 2 });
    const to = writableTo(consumer, 2);
    return {
      start: () => cancellable((signal) => pipeline(stream, to, { signal })),
    };
  },
};

const web = (highWaterMark: number): Sink => ({
  name: `toWeb, ${highWaterMark} ahead, iterated`,
  ahead: highWaterMark,
  takes: all,
  hasConsumer: true,
  prepare(source, consumer) {
    const stream = toWeb(source, { strategy: { highWaterMark } });
    const reader = stream.getReader();
    const use = async (): Promise<void> => {
      try {
        for (let next = await reader.read(); !next.done; next = await reader.read()) await consumer(next.value);
      } catch (error) {
        await reader.cancel(error);
        throw error;
      }
    };
    return { start: () => cancellable(use, () => reader.cancel()) };
  },
});

const piped: Sink = {
  name: 'toWeb, piped',
  finishesRead: true,
  ahead: 1,
  takes: all,
  hasConsumer: true,
  prepare(source, consumer) {
    const stream = toWeb(source);
    const to = new WritableStream({ write: (item) => consumer(item) }, { highWaterMark: 1 });
    return {
      start: () => cancellable((signal) => stream.pipeTo(to, { signal })),
    };
  },
};

const writable = (highWaterMark: number, capacity: number): Sink => ({
  name: `toWritable, a stream of ${highWaterMark} and ${capacity} that wait`,
  ahead: Math.max(highWaterMark, 1) + capacity,
  takes: notNull,
  hasConsumer: true,
  prepare: operator((consumer) => toWritable(() => writableTo(consumer, highWaterMark), { capacity })),
});

const webWritable = (highWaterMark: number): Sink => ({
  name: `toWritable, a web stream of ${highWaterMark}`,
  ahead: Math.max(highWaterMark, 1),
  takes: all,
  hasConsumer: true,
  prepare: operator((consumer) =>
    toWritable<unknown>(() => new WritableStream({ write: (item) => consumer(item) }, { highWaterMark }), {
      capacity: 0,
    }),
  ),
});

const each = (capacity: number): Sink => ({
  name: `forEach, ${capacity} waiting`,
  ahead: 1 + capacity,
  takes: all,
  hasConsumer: true,
  prepare: operator((consumer) => forEach((item) => consumer(item), { capacity })),
});

/** A file is its own consumer: what is in it is handed over when it is there. */
const file: Sink = {
  name: 'toFile',
  ahead: Infinity,
  takes: (item) => typeof item === 'number' && !Object.is(item, -0) && !Number.isNaN(item),
  hasConsumer: false,
  prepare(source, consumer) {
    const path = join(tmpdir(), `sluice-${randomUUID()}.txt`);
    const lines = source.pipe(
      map((item) => `${String(item)}\n`),
      toFile(path, { sync: false }),
    );
    const started = operator(() => (flow) => flow)(lines, () => {});
    return {
      start: () => {
        const { done, cancel } = started.start();
        const read = async (): Promise<void> => {
          await done;
          const text = await readFile(path, 'utf8');
          for (const line of text.split('\n').slice(0, -1)) await consumer(Number(line));
          await rm(path);
        };
        return { done: read(), cancel };
      },
    };
  },
};

/** Every sink, in the ways in which it is used. */
export const sinks: readonly Sink[] = [
  iterable(0),
  iterable(1),
  iterable(20),
  readable(0),
  readable(1),
  readable(16),
  pipelined,
  web(0),
  web(3),
  piped,
  writable(1, 0),
  writable(16, 0),
  writable(2, 5),
  webWritable(0),
  webWritable(1),
  webWritable(4),
  each(0),
  each(4),
  file,
];
