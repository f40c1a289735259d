import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import {
  EMPTY,
  NEVER,
  Subject,
  concat,
  from,
  interval,
  lastValueFrom,
  map,
  of,
  throwError,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { encodeNdjson } from '../../src/sinks/encodeNdjson.ts';
import { toWritable } from '../../src/sinks/toWritable.ts';
import { WriteError } from '../../src/sinks/WriteError.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { badCounts, badNames, badObjects, badWords, table, thrownBy } from '../operators/badOptions.ts';
import { FakeStream } from './FakeStream.ts';

const settled = (flow: Observable<never>): Promise<undefined> => lastValueFrom(flow, { defaultValue: undefined });

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn();
};

/** Ends when the flow above a probe has. */
const ended = (probe: Probe<never>): Promise<void> =>
  probe.ended === undefined ? new Promise((resolve) => (probe.onEnd = resolve)) : Promise.resolve();

const late: unknown[] = [];
const floating: unknown[] = [];
const onFloating = (error: unknown): void => void floating.push(error);
const onWarning = ({ name }: Error): void => void (name === 'MaxListenersExceededWarning' && floating.push(name));
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
  process.on('uncaughtException', onFloating).on('unhandledRejection', onFloating).on('warning', onWarning);
});
afterEach(async () => {
  await settle();
  process.off('uncaughtException', onFloating).off('unhandledRejection', onFloating).off('warning', onWarning);
  vi.restoreAllMocks();
  expect([late.splice(0), floating.splice(0)]).toEqual([[], []]);
});

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('toWritable', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const source = cold(' a-b-c-----d|   ');
      const drain = hot('   -----d---------');
      const finish = hot('  --------------f');
      const subs = '        ^----------!   ';
      const writes = '      a-b--c----d    ';
      const result = '      --------------|';
      const stream = new FakeStream();
      stream.room = 2;
      const written = new Subject<unknown>();
      stream.onWrite = (item) => written.next(item);
      drain.subscribe(() => stream.drain());
      finish.subscribe(() => stream.emit('finish'));
      expectObservable(written).toBe(writes);
      expectObservable(source.pipe(toWritable(stream.asStream, { capacity: 1 }))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-10 G1 closes its gate when the stream is full and "capacity" items wait, and opens it at "drain"', () => {
    for (const capacity of [0, 1, 5]) {
      const stream = new FakeStream();
      stream.room = 3;
      const flow = new TestFlow();
      const source = new ProbeSource(naturals());
      const probe = new Probe<never>(flow).subscribe(source.items$.pipe(toWritable(stream.asStream, { capacity })));
      for (let round = 1; round <= 4; round++) {
        expect(stream.written).toHaveLength(3 * round);
        expect(source.gate!.isOpen).toBe(false);
        expect(source.produced).toBe(3 * round + capacity);
        expect(flow.node('toWritable').held).toBe(3 + capacity);
        flow.check();
        stream.drain();
      }
      expect(stream.written).toEqual(Array.from(stream.written, (_, i) => i));
      expect(source.producedWhileClosed).toBe(0);
      probe.unsubscribe();
      flow.check();
    }
  });

  test('waits for a stream that was full before', async () => {
    const stream = new PassThrough({ objectMode: true, highWaterMark: 1 });
    stream.write('before');
    const source = new ProbeSource(['a', 'b']);
    const done = settled(source.items$.pipe(toWritable(stream, { capacity: 0 })));
    await settle();
    expect(source.produced).toBe(0);
    expect(await stream.toArray()).toEqual(['before', 'a', 'b']);
    await done;
  });

  test('counts an item as completed when the stream has confirmed it, and as held until then', () => {
    const stream = new FakeStream();
    const flow = new TestFlow();
    const source = new ProbeSource(['a', 'b', 'c'], false);
    const probe = new Probe<never>(flow).subscribe(source.items$.pipe(toWritable(stream.asStream)));
    const node = flow.node('toWritable');
    const counts = () => [node.telemetry.in, node.telemetry.completed, node.held, node.telemetry.abandoned];
    expect(counts()).toEqual([3, 0, 3, 0]);
    stream.answers.shift()!();
    flow.check();
    expect(counts()).toEqual([3, 1, 2, 0]);
    probe.unsubscribe();
    flow.check();
    expect(counts()).toEqual([3, 1, 0, 2]);
    expect(node.telemetry).toMatchObject({ out: 0, peak: 3, concurrency: 1 });
  });

  test('completes with "finish" although the stream confirms nothing, as old ones do not', () => {
    const stream = new FakeStream();
    const flow = new TestFlow();
    const probe = new Probe<never>(flow).subscribe(fromIterable(['a', 'b']).pipe(toWritable(stream.asStream)));
    expect([stream.writableEnded, probe.ended]).toEqual([true, undefined]);
    stream.emit('finish');
    expect(probe.ended).toBe('completed');
    expect(flow.node('toWritable').telemetry).toMatchObject({ in: 2, completed: 2, abandoned: 0 });
    flow.check();
  });

  test('G6, R-15: ends the stream and completes, also while the gate below is closed', async () => {
    for (const isConfirmedFirst of [true, false]) {
      const written: string[] = [];
      const confirm: (() => void)[] = [];
      const file = new Writable({
        decodeStrings: false,
        write: (text: string, _, done) => {
          written.push(text);
          confirm.push(done);
        },
      });
      const source = new Subject<string>();
      const probe = new Probe<never>();
      probe.subscribe(source.pipe(toWritable(file)));
      source.next('a');
      if (isConfirmedFirst) confirm.pop()!();
      await turn();
      probe.close();
      source.complete();
      confirm.pop()?.();
      await ended(probe);
      expect([written, file.writableFinished]).toEqual([['a'], true]);
    }
  });

  test('R-07 with end: false completes when the last item is confirmed, and leaves the stream as it was', async () => {
    const stream = new FakeStream();
    const probe = new Probe<never>().subscribe(
      fromIterable(['a', 'b']).pipe(toWritable(stream.asStream, { end: false })),
    );
    stream.answers.shift()!();
    expect(probe.ended).toBeUndefined();
    stream.answers.shift()!();
    expect(probe.ended).toBe('completed');
    await settle();
    expect(stream).toMatchObject({ destroyed: false, writableEnded: false, listening: 0 });
    const empty = new Probe<never>().subscribe(EMPTY.pipe(toWritable(stream.asStream, { end: false })));
    expect(empty.ended).toBe('completed');
  });

  test('R-21 takes items that a write itself sends, after those that are under way', () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const source = new Subject<number>();
    const stream = new FakeStream();
    stream.onWrite = (n) => {
      if ((n as number) < 50) source.next((n as number) + 1);
    };
    source.pipe(toWritable(stream.asStream)).subscribe();
    source.next(0);
    expect(stream.written).toEqual(Array.from({ length: 51 }, (_, i) => i));
  });

  test(
    'R-22 takes a million items, with a stream that confirms them later and one that drains at once',
    { timeout: 60_000 },
    async () => {
      let sum = 0;
      const stream = new Writable({ objectMode: true, write: (n: number, _, done) => done(void (sum += n)) });
      const source = new ProbeSource(Array.from({ length: 1_000_000 }, (_, i) => i));
      await settled(source.items$.pipe(toWritable(stream)));
      expect(sum).toBe(499_999_500_000);
      expect(source.producedWhileClosed).toBe(0);
      const eager = new FakeStream();
      eager.room = 1;
      eager.onWrite = () => {
        eager.answers.pop()!();
        eager.written.length = 0;
        eager.emit('drain');
      };
      const done = settled(fromIterable(Array.from({ length: 100_000 }, (_, i) => i)).pipe(toWritable(eager.asStream)));
      eager.emit('finish');
      await done;
    },
  );

  test('R-05 uses a stream of its own for each subscription if it is given a function', async () => {
    const made: PassThrough[] = [];
    const flow = fromIterable(['a', 'b']).pipe(
      toWritable(() => {
        const stream = new PassThrough({ objectMode: true });
        made.push(stream);
        return stream;
      }),
    );
    expect(made).toEqual([]);
    const lists = async (): Promise<unknown[]> => {
      const done = settled(flow);
      const list = await made.at(-1)!.toArray();
      await done;
      return list;
    };
    expect(await Promise.all([lists(), lists()])).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(made).toHaveLength(2);
  });

  test('R-05 errors with a second subscription to a stream that is there once, and leaves its source alone', async () => {
    const stream = new PassThrough({ objectMode: true });
    stream.resume();
    const source = new ProbeSource(['a']);
    const flow = source.items$.pipe(toWritable(stream));
    await settled(flow);
    await expect(settled(flow)).rejects.toMatchObject({ name: 'TypeError', option: 'destination' });
    expect(source.subscriptions).toBe(1);
  });

  test('errors with what the function that gives the stream throws or gives, and joins no flow for it', () => {
    const error = new Error('no stream');
    const bad = [
      () => {
        throw error;
      },
      () => undefined as never,
      () => new PassThrough().destroy(),
    ];
    for (const give of bad) {
      const flow = new TestFlow();
      const probe = new Probe<never>(flow).subscribe(of(1).pipe(toWritable(give)));
      expect(probe.ended).toBe('failed');
      expect([error.name, 'TypeError']).toContain((probe.error as Error).name);
      expect([flow.live.size, probe.gate.attached]).toEqual([0, 0]);
    }
  });
});

/** A flow whose destination has written one of two items and then failed. */
const failing = (error: Error): [FakeStream, Probe<never>, ProbeSource<string>, TestFlow] => {
  const stream = new FakeStream();
  const flow = new TestFlow();
  const source = new ProbeSource(['a', 'b'], false);
  const probe = new Probe<never>(flow).subscribe(source.items$.pipe(toWritable(stream.asStream, { name: 'out' })));
  stream.answers.shift()!();
  stream.emit('error', error);
  flow.check();
  return [stream, probe, source, flow];
};

describe('toWritable fails', () => {
  test('R-30 with a WriteError when the stream fails, also between two items, and leaves its source', async () => {
    const cause = Object.assign(new Error('write EIO'), { code: 'EIO' });
    const [stream, probe, source, flow] = failing(cause);
    expect(probe.error).toBeInstanceOf(WriteError);
    expect(probe.error).toMatchObject({ name: 'WriteError', code: 'EIO', stage: 'out', items: 1, cause });
    expect((probe.error as Error).message).toBe(
      'Stage "out" had written 1 items when its destination failed: write EIO.',
    );
    expect(source.isSubscribed).toBe(false);
    expect(flow.node('out').telemetry).toMatchObject({ in: 2, completed: 1, abandoned: 1 });
    // A second error of the same stream is heard, and is not news unless it is another.
    stream.emit('error', cause);
    stream.emit('close');
    await settle();
    expect(stream.listening).toBe(0);
  });

  test('R-33 with whatever the stream fails with as its cause', () => {
    for (const cause of ['text', { a: 1 }, new Error('no code'), Object.freeze(new Error('frozen')), undefined, null]) {
      const [stream, probe] = failing(cause as Error);
      expect(probe.error).toMatchObject({ name: 'WriteError', code: 'ERR_WRITE' });
      expect((probe.error as Error).cause).toBe(cause);
      stream.emit('close');
    }
  });

  test('R-32 and reports another error that comes after the first', async () => {
    const [stream, , , flow] = failing(new Error('first'));
    const second = new Error('second');
    stream.emit('error', second);
    stream.emit('close');
    expect(flow.lateErrors).toEqual([{ error: second, stage: 'out' }]);
  });

  test('when the stream is closed or ended by something else', async () => {
    for (const [event, message] of [
      ['close', 'The stream was closed before everything was written'],
      ['finish', 'The stream was ended by something else'],
    ] as const) {
      const stream = new FakeStream();
      const probe = new Probe<never>().subscribe(NEVER.pipe(toWritable(stream.asStream)));
      stream.emit(event);
      expect(probe.error).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE', items: 0 });
      expect((probe.error as Error).message).toContain(message);
    }
    const stream = new PassThrough();
    const done = settled(NEVER.pipe(toWritable(stream)));
    stream.destroy();
    await expect(done).rejects.toMatchObject({ name: 'WriteError', code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });

  test('when a write is answered with an error, although no "error" follows', async () => {
    const cause = new Error('answer');
    const stream = new FakeStream();
    const probe = new Probe<never>().subscribe(
      NEVER.pipe((source) => concat(of(1), source), toWritable(stream.asStream)),
    );
    stream.answers[0]!(cause);
    await ended(probe);
    expect(probe.error).toMatchObject({ cause });
    stream.emit('close');
  });

  test('with what a write throws: an item that the stream does not take', async () => {
    for (const item of [null, { a: 1 }, 5]) {
      const stream = new PassThrough();
      stream.on('error', () => {}).resume();
      const source = new ProbeSource<unknown>(['a', item, 'b'], false);
      const flow = new TestFlow();
      const probe = new Probe<never>(flow).subscribe(source.items$.pipe(toWritable(stream)));
      await ended(probe);
      const code = item === null ? 'ERR_STREAM_NULL_VALUES' : 'ERR_INVALID_ARG_TYPE';
      expect(probe.error).toMatchObject({ name: 'WriteError', code, cause: { name: 'TypeError' } });
      expect(source.isSubscribed).toBe(false);
      expect(stream.destroyed).toBe(true);
      expect(flow.node('toWritable').telemetry).toMatchObject({ in: 2, failed: 1 });
      flow.check();
    }
  });

  test('with readerGone: "complete" completes instead, when whoever reads it goes away', async () => {
    for (const code of ['EPIPE', 'ECONNRESET']) {
      const stream = new FakeStream();
      const flow = new TestFlow();
      const source = new ProbeSource(['a', 'b'], false);
      const options = { readerGone: 'complete', end: false } as const;
      const probe = new Probe<never>(flow).subscribe(source.items$.pipe(toWritable(stream.asStream, options)));
      const answers = stream.answers.splice(0);
      const gone = () => Object.assign(new Error(code), { code });
      // Each write that was under way fails on its own account.
      for (const answer of answers) {
        const error = gone();
        answer(error);
        stream.emit('error', error);
      }
      await settle();
      expect([probe.ended, source.isSubscribed, stream.destroyed]).toEqual(['completed', false, false]);
      expect(flow.node('toWritable').telemetry).toMatchObject({ in: 2, completed: 0, abandoned: 2 });
      flow.check();
      expect(stream.listening).toBe(0);
    }
    const other = new FakeStream();
    const probe = new Probe<never>().subscribe(NEVER.pipe(toWritable(other.asStream, { readerGone: 'complete' })));
    other.emit('error', Object.assign(new Error('disk'), { code: 'ENOSPC' }));
    expect(probe.error).toMatchObject({ code: 'ENOSPC' });
    other.emit('close');
  });
});

describe('toWritable ends', () => {
  test('with an error of its source: the stream is destroyed with it, and what else listens hears of it', async () => {
    const error = new Error('source');
    const stream = new PassThrough();
    const heard: unknown[] = [];
    stream.on('error', (e) => heard.push(e));
    const before = stream.eventNames().map((name) => [name, stream.listenerCount(name)]);
    await expect(
      settled(
        concat(
          of('a'),
          throwError(() => error),
        ).pipe(toWritable(stream)),
      ),
    ).rejects.toBe(error);
    expect(stream).toMatchObject({ destroyed: true, errored: error });
    await vi.waitUntil(() => stream.closed, { interval: 1 });
    await settle();
    expect(heard).toEqual([error]);
    expect(stream.eventNames().map((name) => [name, stream.listenerCount(name)])).toEqual(before);
  });

  test('R-33 with a falsy error of its source: the stream is destroyed with one that says so', async () => {
    const stream = new PassThrough();
    await expect(settled(throwError(() => undefined).pipe(toWritable(stream)))).rejects.toBe(undefined);
    expect(stream.errored).toMatchObject({ code: 'ERR_FALSY_ERROR', cause: undefined });
  });

  test('R-40 R-41 with an unsubscribe: the stream is destroyed without an error, and nothing is written after that', async () => {
    for (const place of [0, 1, 3]) {
      const stream = new FakeStream();
      stream.room = 2;
      const source = new ProbeSource(naturals());
      const probe = new Probe<never>();
      stream.onWrite = (n) => {
        if (n === place) probe.unsubscribe();
      };
      probe.subscribe(source.items$.pipe(toWritable(stream.asStream)));
      if (place === 3) stream.drain();
      expect(stream.written).toEqual(Array.from({ length: place + 1 }, (_, i) => i));
      expect([source.isSubscribed, stream.destroyed, stream.destroyedWith]).toEqual([false, true, undefined]);
      stream.emit('drain');
      stream.emit('close');
      await settle();
      expect(stream.written).toHaveLength(place + 1);
      expect(stream.listening).toBe(0);
    }
  });

  test('with end: false leaves the stream open in every case, and listens until what it wrote is answered', async () => {
    for (const how of ['fails', 'is unsubscribed']) {
      const stream = new FakeStream();
      const source = new ProbeSource(['a'], false);
      const probe = new Probe<never>().subscribe(source.items$.pipe(toWritable(stream.asStream, { end: false })));
      if (how === 'fails') source.fail('error');
      else probe.unsubscribe();
      await settle();
      expect(stream).toMatchObject({ destroyed: false, writableEnded: false });
      // An error of the item that was written must find a listener.
      expect(new Set(stream.eventNames())).toEqual(new Set(['close', 'error']));
      stream.answers[0]!();
      await settle();
      expect(stream.listening).toBe(0);
    }
  });

  test('and a hundred uses of one stream, one after the other, leave nothing on it', async () => {
    const stream = new PassThrough({ objectMode: true });
    stream.resume();
    const before = stream.eventNames().map((name) => [name, stream.listenerCount(name)]);
    for (let i = 0; i < 100; i++) await settled(of(i).pipe(toWritable(stream, { end: false })));
    await settle();
    expect(stream.eventNames().map((name) => [name, stream.listenerCount(name)])).toEqual(before);
  });

  test('gracefully under run: what has been made is written, the stream finishes and is closed', async () => {
    const path = join(directory, 'graceful');
    const stream = createWriteStream(path);
    const flow = run(
      interval(1).pipe(
        map((n) => `${n}\n`),
        toWritable(stream, { name: 'out' }),
      ),
    );
    await vi.waitUntil(() => flow.stats().stages[0]!.in > 3, { interval: 1 });
    const report = await flow.shutdown();
    expect(report).toMatchObject({ ended: 'quit', abandoned: 0 });
    expect(stream.closed).toBe(true);
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    expect(lines).toEqual(Array.from(lines, (_, i) => String(i)));
    expect(report.stages.find(({ name }) => name === 'out')).toMatchObject({
      in: lines.length,
      completed: lines.length,
    });
  });

  test('at once under run when it is aborted: it waits until the stream is closed', async () => {
    const stream = createWriteStream(join(directory, 'aborted'));
    const flow = run(
      fromIterable(naturals).pipe(
        map((n) => `${n}\n`),
        toWritable(stream),
      ),
    );
    await once(stream, 'open');
    flow.abort();
    expect(await flow.done).toMatchObject({ ended: 'aborted' });
    expect(stream.closed).toBe(true);
  });

  test('and the report says that the destination is what everything waits for', async () => {
    const slow = new Writable({ objectMode: true, highWaterMark: 1, write: (_, __, done) => void setTimeout(done, 2) });
    const { stages } = await run(fromIterable([1, 2, 3, 4, 5]).pipe(toWritable(slow, { name: 'slow' }))).done;
    const { busy } = stages.find(({ name }) => name === 'slow')!;
    expect(busy).toBeGreaterThan(0);
  });
});

/** A source that never ends, of pieces of so many characters. */
const endless = (length: number): ProbeSource<string> =>
  new ProbeSource(
    (function* () {
      for (;;) yield 'x'.repeat(length);
    })(),
  );

describe('toWritable and real destinations', () => {
  test('a file, to which it adds', async () => {
    const path = join(directory, 'rows.ndjson');
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id }));
    const flow = fromIterable(rows).pipe(
      encodeNdjson(),
      toWritable(() => createWriteStream(path, { flags: 'a' })),
    );
    await settled(flow);
    await settled(flow);
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([...rows, ...rows]);
  });

  test('a file that cannot be opened', async () => {
    const flow = of('a').pipe(toWritable(() => createWriteStream(join(directory, 'missing', 'file'))));
    await expect(settled(flow)).rejects.toMatchObject({ name: 'WriteError', code: 'ENOENT', items: 0 });
  });

  test('a device without room', async () => {
    const source = endless(1000);
    const flow = source.items$.pipe(toWritable(createWriteStream('/dev/full')));
    await expect(settled(flow)).rejects.toMatchObject({ code: 'ENOSPC', cause: { code: 'ENOSPC' } });
    expect(source).toMatchObject({ isSubscribed: false, producedWhileClosed: 0 });
  });

  test('a stream that compresses', async () => {
    const gzip = createGzip();
    const lines = Array.from({ length: 5000 }, (_, i) => `${i}\n`);
    const [zipped] = await Promise.all([buffer(gzip), settled(fromIterable(lines).pipe(toWritable(gzip)))]);
    expect(gunzipSync(zipped).toString()).toBe(lines.join(''));
  });

  test('a socket whose other end reads nothing for a while, and one whose other end goes away', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const stalled = endless(10_000);
    const client = connect(port, '127.0.0.1');
    const writing = stalled.items$.pipe(toWritable(client)).subscribe({ error: () => {} });
    await vi.waitUntil(() => sockets.length === 1 && stalled.gate?.isOpen === false, { interval: 5 });
    let before = -1;
    await vi.waitUntil(() => stalled.produced === before || void (before = stalled.produced), { interval: 50 });
    sockets[0]!.resume();
    await vi.waitUntil(() => stalled.produced > before, { interval: 5 });
    expect(stalled.producedWhileClosed).toBe(0);
    writing.unsubscribe();
    await once(client, 'close');

    const cut = endless(10_000);
    const other = connect(port, '127.0.0.1');
    const done = settled(cut.items$.pipe(toWritable(other)));
    await vi.waitUntil(() => sockets.length === 2, { interval: 5 });
    sockets[1]!.resetAndDestroy();
    const error = (await done.catch((e: unknown) => e)) as WriteError;
    expect(error).toBeInstanceOf(WriteError);
    expect(['ECONNRESET', 'EPIPE']).toContain(error.code);
    expect(cut.isSubscribed).toBe(false);
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  test('an HTTP response: all of it, and one whose client goes away', async () => {
    const outcomes: Promise<unknown>[] = [];
    const source = endless(1000);
    const server = createHttpServer((asked, response) => {
      const body = asked.url === '/all' ? fromIterable(['a', 'b', 'c']) : source.items$;
      outcomes.push(settled(body.pipe(toWritable(response))).catch((error: unknown) => error));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${port}/all`)).text()).toBe('abc');
    expect(await outcomes[0]).toBeUndefined();
    const client = request({ port, host: '127.0.0.1', path: '/endless' }).end();
    const [response] = (await once(client, 'response')) as [Readable];
    await once(response, 'data');
    client.on('error', () => {}).destroy();
    expect(await outcomes[1]).toMatchObject({ name: 'WriteError', code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect(source).toMatchObject({ isSubscribed: false, producedWhileClosed: 0 });
    server.close();
    await once(server, 'close');
  });
});

describe('toWritable and a web stream', () => {
  type Sink = NonNullable<ConstructorParameters<typeof WritableStream<unknown>>[0]>;
  const streamOf = (sink: Sink, highWaterMark = 1): WritableStream<unknown> =>
    new WritableStream<unknown>(sink, { highWaterMark });

  test('writes as many as it wants, closes it, and unlocks it', async () => {
    for (const highWaterMark of [0, 1, 4]) {
      const written: unknown[] = [];
      const goOn: (() => void)[] = [];
      const close = vi.fn();
      const write = (item: unknown): Promise<void> => {
        written.push(item);
        return new Promise((resolve) => goOn.push(resolve));
      };
      const stream = streamOf({ write, close }, highWaterMark);
      const source = new ProbeSource(naturals());
      const flow = new TestFlow();
      const probe = new Probe<never>(flow).subscribe(source.items$.pipe(toWritable(stream, { capacity: 0 })));
      for (let n = 0; n < 20; n++) {
        await settle();
        expect([written.length, stream.locked]).toEqual([n + 1, true]);
        expect(source.produced - n).toBeLessThanOrEqual(Math.max(highWaterMark, 1));
        expect(source.producedWhileClosed).toBe(0);
        flow.check();
        goOn[n]!();
      }
      await settle();
      source.complete();
      while (probe.ended === undefined) {
        for (const next of goOn) next();
        await settle();
      }
      expect(probe.ended).toBe('completed');
      expect(close).toHaveBeenCalledTimes(1);
      expect(stream.locked).toBe(false);
      expect(written).toEqual(Array.from(written, (_, i) => i));
      flow.check();
    }
  });

  test('with end: false leaves it open and unlocked, so that it can be written to again', async () => {
    const written: unknown[] = [];
    const close = vi.fn();
    const abort = vi.fn();
    const stream = streamOf({ write: (item) => void written.push(item), close, abort });
    await settled(of(1, 2).pipe(toWritable(stream, { end: false })));
    await settled(EMPTY.pipe(toWritable(stream, { end: false })));
    await settled(of(3).pipe(toWritable(stream, { end: false })));
    NEVER.pipe(toWritable(stream, { end: false }))
      .subscribe()
      .unsubscribe();
    await expect(settled(throwError(() => 'error').pipe(toWritable(stream, { end: false })))).rejects.toBe('error');
    expect([written, stream.locked, close.mock.calls, abort.mock.calls]).toEqual([[1, 2, 3], false, [], []]);
  });

  test('fails with a WriteError when it fails: in a write, between two, and when it is closed', async () => {
    const cause = new Error('sink');
    const inWrite = streamOf({ write: () => Promise.reject(cause) });
    const inClose = streamOf({ close: () => Promise.reject(cause) });
    let controller!: WritableStreamDefaultController;
    const between = streamOf({ start: (given) => void (controller = given) });
    for (const stream of [inWrite, inClose, between]) {
      const source = new ProbeSource([1], stream === inClose);
      const done = settled(source.items$.pipe(toWritable(stream)));
      if (stream === between) setImmediate(() => controller.error(cause));
      await expect(done).rejects.toMatchObject({ name: 'WriteError', code: 'ERR_WRITE', cause });
      expect([source.isSubscribed, stream.locked]).toEqual([false, false]);
    }
    const failed = streamOf({});
    await failed.abort(cause);
    await expect(settled(NEVER.pipe(toWritable(failed)))).rejects.toMatchObject({ cause });
    const closed = streamOf({});
    await closed.close();
    await expect(settled(NEVER.pipe(toWritable(closed)))).rejects.toMatchObject({ name: 'WriteError' });
  });

  test('aborts it with the error of its source, and without one when it is unsubscribed', async () => {
    const abort = vi.fn();
    await expect(settled(throwError(() => 'source').pipe(toWritable(streamOf({ abort }))))).rejects.toBe('source');
    const stream = streamOf({ abort });
    NEVER.pipe(toWritable(stream)).subscribe().unsubscribe();
    await settle();
    expect(abort.mock.calls).toEqual([['source'], [undefined]]);
    expect(stream.locked).toBe(false);
  });

  test('R-32 reports an abort that fails, and under run waits for it', async () => {
    const error = new Error('abort');
    const abort = vi.fn(async () => {
      await turn();
      throw error;
    });
    const flow = run(NEVER.pipe(toWritable(streamOf({ abort }), { name: 'web' })));
    await settle();
    flow.abort();
    await flow.done;
    expect(late.splice(0)).toEqual([[error, 'web']]);
  });

  test('goes through a TransformStream', async () => {
    const double = new TransformStream<number, number>({ transform: (n, to) => to.enqueue(n * 2) });
    const done = settled(fromIterable([1, 2, 3]).pipe(toWritable(double.writable)));
    const items: number[] = [];
    for await (const item of double.readable) items.push(item);
    await done;
    expect(items).toEqual([2, 4, 6]);
  });
});

test('G7 toWritable keeps what a source sends that cannot be paused, up to overflowLimit', async () => {
  const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
  const kept = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const done = settled(from([1, 2, 3, 4]).pipe(toWritable(kept, { capacity: 0, overflowLimit: 3 })));
  expect(await kept.toArray()).toEqual([1, 2, 3, 4]);
  await done;
  expect(warn).toHaveBeenCalledTimes(1);
  const full = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const overrun = settled(
    from([1, 2, 3, 4, 5, 6]).pipe(toWritable(full, { capacity: 0, overflowLimit: 3, name: 'ticks' })),
  );
  await expect(overrun).rejects.toMatchObject({ code: 'ERR_OVERFLOW', stage: 'ticks' });
});

test('toWritable infers what it takes', () => {
  expectTypeOf(toWritable(process.stdout)).toEqualTypeOf<OperatorFunction<unknown, never>>();
  expectTypeOf(toWritable(() => new PassThrough())).toEqualTypeOf<OperatorFunction<unknown, never>>();
  expectTypeOf(toWritable(new WritableStream<number>())).toEqualTypeOf<OperatorFunction<number, never>>();
  expectTypeOf(of('a').pipe(toWritable(process.stdout))).toEqualTypeOf<Observable<never>>();
  // @ts-expect-error -- the stream takes numbers
  of('a').pipe(toWritable(new WritableStream<number>()));
  // @ts-expect-error -- nothing to write to
  expect(() => toWritable(Readable.from([]))).toThrow(TypeError);
});

describe('toWritable refuses at the call', () => {
  test.each([undefined, null, 5, 'out.txt', [], {}, Promise.resolve(), Readable.from([]), new ReadableStream()])(
    'the destination %o',
    (destination) => {
      expect(() => toWritable(destination as never)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'destination' }),
      );
    },
  );

  test('a stream that has ended, was destroyed, has failed or is locked', () => {
    const cause = new Error('failed before');
    const lockedStream = new WritableStream();
    lockedStream.getWriter();
    const failed = new PassThrough().on('error', () => {});
    failed.destroy(cause);
    for (const stream of [new PassThrough().end(), new PassThrough().destroy(), failed, lockedStream]) {
      const error = thrownBy(() => toWritable(stream as PassThrough));
      expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', option: 'destination' });
      expect((error as Error).cause).toBe(stream === failed ? cause : undefined);
    }
  });

  const flags = ['', 0, null, 'true', {}].map((value) => [value, TypeError, 'ERR_INVALID_ARG_TYPE'] as const);
  const bad = {
    end: flags,
    readerGone: badWords('Complete', 'default'),
    capacity: badCounts(0, true),
    overflowLimit: badCounts(0, true),
    name: badNames,
  };
  test.each(table(bad))('the option "$option" as $shown', ({ option, bad: [value, type, code] }) => {
    const stream = new PassThrough();
    const listening = stream.eventNames().length;
    const error = thrownBy(() => toWritable(stream, { [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option });
    expect(stream.eventNames()).toHaveLength(listening);
  });

  test('a destination that cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => toWritable(proxy as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', option: 'destination' }),
    );
  });

  test.each(badObjects)('the options %o', (options, type, code) => {
    const error = thrownBy(() => toWritable(new PassThrough(), options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options' });
  });
});
