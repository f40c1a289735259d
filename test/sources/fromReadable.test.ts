import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { concatMap, defer, lastValueFrom, map, of, retry, take, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { workerPool } from 'sluice';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { fromReadable } from '../../src/sources/fromReadable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { ended, received, turns } from './events.ts';

/** A stream, what its producer has made, and whether everything that was done to it is undone. */
interface Made {
  readonly stream: Readable | ReadableStream<unknown>;
  readonly count: () => number;
  readonly isReleased: () => boolean;
}

interface Making {
  /** How many numbers it gives; then it ends. */
  last: number;
  /** What it fails with instead of ending. */
  fail?: Error;
  /** Whether it neither fails nor ends. */
  never?: boolean;
  /** Takes part in its being destroyed or cancelled. */
  release?: () => Promise<void>;
}

const HIGH_WATER = 16;

function nodeStream({ last, fail, never, release }: Making): Made {
  let count = 0;
  const stream = new Readable({
    objectMode: true,
    highWaterMark: HIGH_WATER,
    read() {
      if (count < last) this.push(count++);
      else if (fail !== undefined) this.destroy(fail);
      else if (never !== true) this.push(null);
    },
    destroy(error, callback) {
      if (release === undefined) callback(error);
      else void settle(release(), error, callback);
    },
  });
  return { stream, count: () => count, isReleased: () => stream.destroyed && stream.closed && isUnheard(stream) };
}

async function settle(released: Promise<void>, error: Error | null, callback: (error: Error | null) => void) {
  try {
    await released;
    callback(error);
  } catch (late) {
    callback(late as Error);
  }
}

function webStream({ last, fail, never, release }: Making): Made {
  let count = 0;
  const over = { cancelled: false, ended: false };
  const stream = new ReadableStream<unknown>(
    {
      pull(controller) {
        if (count < last) return controller.enqueue(count++);
        if (fail === undefined && never === true) return new Promise(() => {});
        over.ended = true;
        return fail === undefined ? controller.close() : controller.error(fail);
      },
      async cancel() {
        await release?.();
        over.cancelled = true;
      },
    },
    { highWaterMark: HIGH_WATER },
  );
  return { stream, count: () => count, isReleased: () => !stream.locked && (over.cancelled || over.ended) };
}

function isUnheard(stream: Readable): boolean {
  return ['readable', 'end', 'error', 'close', 'data'].every((event) => stream.listenerCount(event) === 0);
}

/** `fromReadable` without its types, for both kinds of stream at once. */
const read = fromReadable as (source: unknown) => Observable<unknown>;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

const lateErrors: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(error));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(lateErrors.splice(0)).toEqual([]);
});

describe.each([
  { kind: 'a Node.js stream', make: nodeStream, from: (items: unknown[]): unknown => Readable.from(items) },
  { kind: 'a web stream', make: webStream, from: (items: unknown[]): unknown => ReadableStream.from(items) },
])('fromReadable of $kind', ({ make, from }) => {
  test('emits everything in order, completes, and lets go of the stream', async () => {
    const made = make({ last: 1000 });
    expect(await all(read(made.stream))).toEqual(numbers(1000));
    await turns();
    expect(made.isReleased()).toBe(true);
  });

  test('R-01: does nothing before subscribe', async () => {
    const made = make({ last: 100 });
    const give = vi.fn(() => made.stream);
    await turns();
    const before = made.count();
    read(made.stream);
    read(give);
    await turns();
    expect([made.count(), give.mock.calls.length]).toEqual([before, 0]);
    if (made.stream instanceof Readable) expect(isUnheard(made.stream)).toBe(true);
    else expect(made.stream.locked).toBe(false);
  });

  test('R-03: completes with an empty stream, also while the gate below is closed', async () => {
    const probe = new Probe<unknown>();
    probe.close();
    probe.subscribe(read(from([])));
    await turns();
    expect([probe.values, probe.ended]).toEqual([[], undefined]);
    probe.open();
    await ended(probe);
    expect([probe.values, probe.ended]).toEqual([[], 'completed']);
  });

  test('R-04: is silent with a stream that never gives anything, and lets go of it on unsubscribe', async () => {
    const made = make({ last: 0, never: true });
    const probe = new Probe<unknown>().subscribe(read(made.stream));
    await turns();
    expect([probe.values, probe.ended]).toEqual([[], undefined]);
    probe.unsubscribe();
    await turns();
    expect([probe.values, probe.ended, made.isReleased()]).toEqual([[], undefined, true]);
  });

  test('R-05: with a function every subscription has a stream of its own', async () => {
    const give = vi.fn(() => make({ last: 3 }).stream);
    const source = read(give);
    expect(await Promise.all([all(source), all(source)])).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(await all(source)).toEqual([0, 1, 2]);
    expect(give).toHaveBeenCalledTimes(3);
  });

  test('R-06: lets falsy items through unchanged', async () => {
    const items = [0, -0, '', Number.NaN, false, 0n, undefined];
    expect(await all(read(from(items)))).toEqual(items);
  });

  test('R-10, R-11: stops within one item when the gate closes, so that the stream holds its producer back', async () => {
    const made = make({ last: 1000 });
    const probe = new Probe<unknown>();
    probe.allow(5);
    probe.subscribe(read(made.stream));
    await received(probe, 5);
    await turns();
    expect(probe.values).toEqual(numbers(5));
    // What the stream holds by itself, and the one that may be on its way.
    expect(made.count()).toBeLessThanOrEqual(5 + HIGH_WATER + 1);
    probe.allow(7);
    await received(probe, 12);
    await turns();
    expect(probe.values).toEqual(numbers(12));
    expect(made.count()).toBeLessThanOrEqual(12 + HIGH_WATER + 1);
    probe.open();
    await ended(probe);
    expect([probe.values, probe.ended]).toEqual([numbers(1000), 'completed']);
  });

  test('R-10: a stage that never finishes takes what it may hold, and the stream what it may', async () => {
    const made = make({ last: 1000 });
    const stage = workerPool(() => new Promise<never>(() => {}), { concurrency: 1, capacity: 2 });
    const subscription = read(made.stream).pipe(stage).subscribe();
    await turns(50);
    expect(made.count()).toBeLessThanOrEqual(3 + HIGH_WATER + 1);
    subscription.unsubscribe();
    await turns();
    expect(made.isReleased()).toBe(true);
  });

  test('R-12: whichever way the gate opens and closes, everything arrives once and in order', async () => {
    const probe = new Probe<unknown>();
    probe.close();
    probe.subscribe(read(make({ last: 200 }).stream));
    for (let i = 0; probe.ended === undefined; i++) {
      probe.allow((i * 7) % 5);
      if (i % 3 === 0) probe.close();
      if (i % 2 === 0) await turns(1);
    }
    expect([probe.values, probe.ended]).toEqual([numbers(200), 'completed']);
  });

  test('R-15: an error of the stream passes a closed gate at once, the same error, once', async () => {
    const fail = new Error('broken');
    const made = make({ last: 3, fail });
    const probe = new Probe<unknown>();
    probe.subscribe(read(made.stream));
    await ended(probe);
    expect([probe.values, probe.ended, probe.error]).toEqual([[0, 1, 2], 'failed', fail]);
    expect(probe.error).toBe(fail);
    await turns();
    expect(made.isReleased()).toBe(true);
  });

  test('R-23: take(3) stops the stream', async () => {
    const made = make({ last: 1000 });
    expect(await all(read(made.stream).pipe(take(3)))).toEqual([0, 1, 2]);
    await turns();
    expect(made.count()).toBeLessThanOrEqual(3 + HIGH_WATER + 1);
    expect(made.isReleased()).toBe(true);
  });

  test('R-40, R-41: nothing comes after an unsubscribe: before the first, inside next, between two, while held back', async () => {
    const early = make({ last: 10 });
    const first = new Probe<unknown>().subscribe(read(early.stream));
    first.unsubscribe();

    const inside = make({ last: 10 });
    const second = new Probe<unknown>();
    second.onNext = (value) => {
      if (value === 4) second.unsubscribe();
    };
    second.subscribe(read(inside.stream));

    const held = make({ last: 10 });
    const third = new Probe<unknown>();
    third.allow(2);
    third.subscribe(read(held.stream));

    await turns();
    third.unsubscribe();
    third.unsubscribe();
    third.open();
    await turns();
    expect([first.values, second.values, third.values]).toEqual([[], [0, 1, 2, 3, 4], [0, 1]]);
    expect([first.ended, second.ended, third.ended]).toEqual([undefined, undefined, undefined]);
    expect([early, inside, held].map((made) => made.isReleased())).toEqual([true, true, true]);
  });

  test('R-41: the function that gives the stream may end the subscription', async () => {
    const made = make({ last: 10 });
    const probe = new Probe<unknown>();
    probe.subscribe(
      read(() => {
        probe.unsubscribe();
        return made.stream;
      }),
    );
    await turns();
    expect([probe.values, probe.ended, made.isReleased()]).toEqual([[], undefined, true]);
  });

  test('what is thrown after the subscription was ended from within is reported, not lost', async () => {
    const error = new Error('too late');
    const inFunction = new Probe<unknown>();
    inFunction.subscribe(
      read(() => {
        inFunction.unsubscribe();
        throw error;
      }),
    );
    await turns();
    expect([inFunction.ended, lateErrors.splice(0)]).toEqual([undefined, [error]]);
  });

  test('R-42: a flow has ended only when the stream has, whichever way it ends', async () => {
    const log: string[] = [];
    let letGo: (() => void) | undefined;
    const release = async (): Promise<void> => {
      log.push('releasing');
      await new Promise<void>((resolve) => (letGo = resolve));
      log.push('released');
    };
    const started = run(read(make({ last: 1000, never: true, release }).stream));
    await turns();
    void started.done.then(() => log.push('done'));
    started.abort('enough');
    await turns();
    expect(log).toEqual(['releasing']);
    letGo?.();
    expect((await started.done).ended).toBe('aborted');
    expect(log).toEqual(['releasing', 'released', 'done']);
  });

  test('ends gracefully under run: it stops reading, what is below finishes, and the stream is let go', async () => {
    const made = make({ last: 1_000_000 });
    const results: unknown[] = [];
    const work = workerPool(async (item: unknown) => {
      await turns(1);
      results.push(item);
      if (item === 20) void started.shutdown();
    }, {});
    const started = run(read(made.stream).pipe(work));
    const report = await started.done;
    expect([report.ended, report.abandoned]).toEqual(['quit', 0]);
    expect(results).toEqual(numbers(results.length));
    expect(results.length).toBeLessThan(30);
    expect(report.stages[0]).toMatchObject({ kind: 'source', name: 'fromReadable', out: results.length, held: 0 });
    expect(made.isReleased()).toBe(true);
  });

  test('opens nothing in a flow that quits already', async () => {
    const flow = new TestFlow();
    flow.admits = false;
    const give = vi.fn();
    const probe = new Probe<unknown>(flow).subscribe(read(give));
    await turns();
    expect([give.mock.calls, probe.values]).toEqual([[], []]);
  });

  test('what goes wrong while it lets go of the stream is reported, for there is nobody to deliver it to', async () => {
    const late = new Error('late');
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow).subscribe(
      read(make({ last: 9, release: () => Promise.reject(late) }).stream),
    );
    await turns();
    expect(probe.ended).toBe('completed');
    const broken = make({ last: 9, never: true, release: () => Promise.reject(late) });
    const another = new Probe<unknown>(flow).subscribe(read(broken.stream));
    await received(another, 9);
    another.unsubscribe();
    await Promise.all(flow.released);
    expect(flow.lateErrors.at(-1)).toEqual({ error: late, stage: 'fromReadable' });
  });

  test('a stream can be subscribed to once: a second time is an error that says what to do', async () => {
    const { stream } = make({ last: 3, never: true });
    const source = read(stream);
    const first = new Probe<unknown>().subscribe(source);
    const second = new Probe<unknown>().subscribe(source);
    expect(second.error).toBeInstanceOf(TypeError);
    expect(second.error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', option: 'source' });
    expect(String(second.error)).toMatch('give a function that makes a new one for each subscription');
    expect(() => read(stream)).toThrow('fromReadable(): "source" must be a stream that nothing else');
    // The first one is not disturbed.
    await received(first, 3);
    expect(first.values).toEqual([0, 1, 2]);
    first.unsubscribe();
    await turns();
  });

  test('an error in a function that should give a stream is the error of the flow', () => {
    const error = new Error('no stream today');
    const throwing = new Probe<unknown>().subscribe(
      read(() => {
        throw error;
      }),
    );
    expect(throwing.error).toBe(error);
    const wrong = new Probe<unknown>().subscribe(read(() => [1, 2, 3]));
    expect(String(wrong.error)).toBe(
      'TypeError: fromReadable(): "source" must be a Node.js or web stream to read from, or a function that gives one. ' +
        'Received [array of 3] (Array)',
    );
  });

  test('works late and again: behind concatMap, and under retry with a function', async () => {
    let attempts = 0;
    const failing = read(() => make({ last: 2, ...(++attempts < 3 ? { fail: new Error('again') } : {}) }).stream);
    expect(await all(failing.pipe(retry(5)))).toEqual([0, 1, 0, 1, 0, 1]);
    const late = defer(async () => make({ last: 3 }).stream).pipe(concatMap((stream) => read(stream)));
    const probe = new Probe<unknown>();
    probe.allow(2);
    probe.subscribe(late);
    await received(probe, 2);
    await turns();
    expect([probe.values, probe.ended]).toEqual([[0, 1], undefined]);
    probe.open();
    await ended(probe);
    expect(probe.values).toEqual([0, 1, 2]);
  });

  test('is told apart in the report: busy while it waits for the stream, held back while the gate is closed', async () => {
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow);
    probe.allow(3);
    probe.subscribe(read(make({ last: 6 }).stream));
    await received(probe, 3);
    probe.open();
    await ended(probe);
    const { telemetry } = flow.node('fromReadable');
    expect(telemetry.out).toBe(6);
    expect(telemetry.work!.durations.count).toBeGreaterThan(0);
    expect(telemetry.heldBack!.durations.count).toBe(1);
    expect(flow.live.size).toBe(0);
  });
});

describe('fromReadable', () => {
  test('does what its diagram shows', async () => {
    const stream = '1-2-3---4-|';
    const demand = 'o--x--o----';
    const result = '1-2---3-4-|';

    const producer = new PassThrough({ objectMode: true });
    const probe = new Probe<string>();
    const seen: unknown[] = [];
    let frame = 0;
    const at = (): number => frame * TestScheduler.frameTimeFactor;
    probe.onNext = (value) => seen.push({ frame: at(), notification: { kind: 'N', value, error: undefined } });
    probe.onEnd = () => seen.push({ frame: at(), notification: { kind: 'C', value: undefined, error: undefined } });
    probe.subscribe(fromReadable<string>(producer));
    for (; frame < stream.length; frame++) {
      if (demand[frame] === 'o') probe.open();
      if (demand[frame] === 'x') probe.close();
      if (stream[frame] === '|') producer.end();
      else if (stream[frame] !== '-') producer.write(stream[frame]);
      await turns();
    }
    expect(seen).toEqual(TestScheduler.parseMarbles(result, undefined, undefined, undefined, true));
  });

  test('reads a stream of objects in few turns, however many there are (it does not wait for each)', async () => {
    const { stream } = nodeStream({ last: 100_000 });
    let events = 0;
    (stream as Readable).on('readable', () => events++);
    const probe = new Probe<unknown>().subscribe(read(stream));
    await ended(probe);
    expect(probe.values.length).toBe(100_000);
    expect(events).toBeLessThan(20);
    // Its own listener is the only one left.
    expect((stream as Readable).listenerCount('readable')).toBe(1);
  });

  test('G4: a gate that closes and opens for each of 100,000 objects does not grow the stack', async () => {
    const probe = new Probe<unknown>();
    probe.onNext = () => {
      probe.close();
      probe.open();
    };
    probe.subscribe(read(nodeStream({ last: 100_000 }).stream));
    await ended(probe);
    expect(probe.values.length).toBe(100_000);
  });

  test('emits bytes and text in the pieces in which they come', async () => {
    const bytes = new PassThrough();
    const probe = new Probe<Buffer>().subscribe(fromReadable<Buffer>(bytes));
    bytes.write('ab');
    await received(probe, 1);
    bytes.end(Buffer.from('cd'));
    await ended(probe);
    expect(probe.values).toEqual([Buffer.from('ab'), Buffer.from('cd')]);

    const text = new PassThrough();
    text.setEncoding('utf8');
    text.write(Buffer.from('é').subarray(0, 1));
    text.end(Buffer.concat([Buffer.from('é').subarray(1), Buffer.from('!')]));
    expect((await all(fromReadable<string>(text))).join('')).toBe('é!');
  });

  test('goes on where somebody else has stopped reading', async () => {
    const { stream } = nodeStream({ last: 5 });
    (stream as Readable).read(0);
    await once(stream as Readable, 'readable');
    expect((stream as Readable).read()).toBe(0);
    expect(await all(read(stream))).toEqual([1, 2, 3, 4]);
  });

  test('fails with ERR_STREAM_PREMATURE_CLOSE if the stream is closed before its end', async () => {
    const { stream } = nodeStream({ last: 3, never: true });
    const probe = new Probe<unknown>();
    probe.allow(1);
    probe.subscribe(read(stream));
    await received(probe, 1);
    (stream as Readable).destroy();
    await ended(probe);
    expect([probe.values, probe.ended]).toEqual([[0], 'failed']);
    expect(probe.error).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect(isUnheard(stream as Readable)).toBe(true);
  });

  test('fails with the error that the stream was destroyed with elsewhere, without a word about its being closed', async () => {
    const { stream } = nodeStream({ last: 3, never: true });
    const probe = new Probe<unknown>().subscribe(read(stream));
    const error = new Error('elsewhere');
    (stream as Readable).destroy(error);
    await ended(probe);
    await turns();
    expect(probe.error).toBe(error);
  });

  test('fails with what the read function of a stream throws', async () => {
    const error = new Error('thrown');
    const stream = new Readable({
      read() {
        throw error;
      },
    });
    const probe = new Probe<unknown>().subscribe(read(stream));
    await ended(probe);
    expect(probe.error).toBe(error);
  });

  test('an error between the end of the data and the end of the flow is reported as too late', async () => {
    const late = new Error('close failed');
    const { stream } = nodeStream({ last: 2, release: () => Promise.reject(late) });
    const probe = new Probe<unknown>().subscribe(read(stream));
    await ended(probe);
    await turns();
    expect([probe.values, probe.ended]).toEqual([[0, 1], 'completed']);
    expect(lateErrors.splice(0)).toEqual([late]);
  });

  test('does not wait for the close of a stream that does not tell', async () => {
    const flow = new TestFlow();
    const stream = new Readable({ emitClose: false, read() {} });
    const probe = new Probe<unknown>(flow).subscribe(read(stream));
    probe.unsubscribe();
    await Promise.all(flow.released);
    expect([stream.destroyed, flow.released.length]).toEqual([true, 1]);
  });

  test('leaves a stream alone that is at its end and does not destroy itself, and its errors to its owner', async () => {
    const stream = new Readable({ autoDestroy: false, read() {} });
    const probe = new Probe<unknown>().subscribe(read(stream));
    stream.push(null);
    await ended(probe);
    await turns();
    expect([stream.destroyed, isUnheard(stream)]).toEqual([false, true]);
  });

  test('a socket whose other half is open stays open at the end of what it gives, and is destroyed on unsubscribe', async () => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      const [served] = (await once(server, 'connection')) as [Socket];
      client.end('question');
      expect((await all(fromReadable<Buffer>(served))).join('')).toBe('question');
      await turns();
      expect(served.destroyed).toBe(false);
      served.end('answer');
      expect((await all(fromReadable<Buffer>(client))).join('')).toBe('answer');

      const other = connect(port, '127.0.0.1');
      const probe = new Probe<unknown>().subscribe(read(other));
      const [peer] = (await once(server, 'connection')) as [Socket];
      peer.on('error', () => {}).end();
      probe.unsubscribe();
      if (!other.closed) await once(other, 'close');
      expect(probe.ended).not.toBe('failed');
    } finally {
      server.close();
    }
  });

  test('R-20: a stream that speaks up while it is being read loses nothing and changes no order', async () => {
    let count = 0;
    const stream = new Readable({
      objectMode: true,
      read() {
        this.push(count++);
        // No stream of Node.js does this.
        this.emit('readable');
        if (count === 50) this.push(null);
      },
    });
    const probe = new Probe<unknown>();
    probe.onNext = () => stream.emit('readable');
    probe.subscribe(read(stream));
    await ended(probe);
    expect(probe.values).toEqual(numbers(50));
  });

  test('R-40: the read function of a stream may end the subscription', async () => {
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow);
    let count = 0;
    const stream = new Readable({
      objectMode: true,
      highWaterMark: 2,
      read() {
        if (count === 5) probe.unsubscribe();
        this.push(count++);
      },
    });
    probe.subscribe(read(stream));
    await turns();
    expect(probe.values).toEqual(numbers(probe.values.length));
    expect([flow.node('fromReadable').telemetry.out, stream.destroyed]).toEqual([probe.values.length, true]);
  });

  test('a web stream that fails in the moment of the unsubscribe is reported once', async () => {
    const error = new Error('crossed');
    let controller: ReadableStreamDefaultController<number> | undefined;
    const stream = new ReadableStream<number>({ start: (it) => void (controller = it) });
    const probe = new Probe<number>().subscribe(fromReadable(stream));
    await turns();
    controller?.error(error);
    probe.unsubscribe();
    await turns();
    expect([probe.ended, lateErrors.splice(0)]).toEqual([undefined, [error]]);
  });

  test('asks a web stream for one chunk at a time', async () => {
    let controller!: ReadableStreamDefaultController<number>;
    const stream = new ReadableStream<number>({ start: (it) => void (controller = it) }, { highWaterMark: 0 });
    const probe = new Probe<number>().subscribe(fromReadable(stream));
    await turns();
    expect(controller.desiredSize).toBe(0);
    controller.enqueue(1);
    probe.close();
    await turns();
    // The one that had been asked for waits, and no other is asked for: what comes now stays in the stream.
    controller.enqueue(2);
    controller.enqueue(3);
    await turns();
    expect([probe.values, controller.desiredSize]).toEqual([[], -2]);
    probe.open();
    await received(probe, 3);
    expect(probe.values).toEqual([1, 2, 3]);
    probe.unsubscribe();
    await turns();
    expect(stream.locked).toBe(false);
  });

  test.each([undefined, null, 0, 'text'])('R-33: fails with %s if a web stream does', async (error) => {
    const stream = new ReadableStream({ start: (controller) => controller.error(error) });
    const probe = new Probe<unknown>().subscribe(fromReadable(stream));
    await ended(probe);
    expect([probe.ended, probe.error]).toEqual(['failed', error]);
    expect(stream.locked).toBe(false);
  });

  test('takes null from a web stream, which can give it', async () => {
    expect(await all(fromReadable(ReadableStream.from([null, 1, undefined])))).toEqual([null, 1, undefined]);
  });

  test('takes what a web response gives, and a Node.js stream of any package that looks like one', async () => {
    expect(String(Buffer.concat(await all(fromReadable<Uint8Array>(new Response('body').body!))))).toBe('body');
    const { stream } = nodeStream({ last: 2 });
    const foreign = stream as Readable;
    Object.setPrototypeOf(foreign, Object.create(Readable.prototype, { constructor: { value: Object } }) as object);
    expect(await all(read(foreign))).toEqual([0, 1]);
  });

  describe('refuses at the call', () => {
    const gone = new Readable({ read() {} });
    const failed = new Readable({ read() {} });
    const cause = new Error('why');
    const locked = new ReadableStream();
    beforeAll(async () => {
      gone.destroy();
      failed.on('error', () => {}).destroy(cause);
      locked.getReader();
      await turns(1);
    });

    test.each([
      ['undefined', undefined],
      ['null', null],
      ['a number', 5],
      ['text', 'text'],
      ['an empty object', {}],
      ['an array', [1]],
      ['a promise', Promise.resolve(new PassThrough())],
      ['a stream that can only be written', new Writable()],
      ['an Observable', of(1)],
      ['an async iterable', nodeStream({ last: 1 }).stream[Symbol.asyncIterator]()],
    ])('%s', (_, source) => {
      expect(() => read(source)).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
          option: 'source',
          received: source,
          message: expect.stringContaining('fromReadable(): "source" must be a Node.js or web stream') as string,
        }),
      );
    });

    test.each([
      ['a stream that was destroyed', gone, 'has not ended, failed or been destroyed'],
      ['a stream that failed', failed, 'has not ended, failed or been destroyed'],
      ['a web stream that is locked', locked, 'that nothing else has locked'],
    ])('%s', (_, source, rule) => {
      expect(() => read(source)).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_VALUE',
          message: expect.stringContaining(rule) as string,
        }),
      );
    });

    test('a stream that was read to its end', async () => {
      const { stream } = nodeStream({ last: 2 });
      await all(read(stream));
      expect(() => read(stream)).toThrow('give a function that makes a new one for each subscription');
    });

    test('and says why the stream failed', () => {
      expect(() => read(failed)).toThrow(expect.objectContaining({ cause }));
    });
  });

  test('a stream that is destroyed between the call and the subscription is an error of the subscription', () => {
    const { stream } = nodeStream({ last: 2 });
    const source = read(stream);
    (stream as Readable).destroy();
    expect(new Probe<unknown>().subscribe(source).error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });

  test('infers its type from a web stream, and is told that of a Node.js stream', () => {
    const web = new ReadableStream<{ id: number }>();
    expectTypeOf(fromReadable(web)).toEqualTypeOf<Observable<{ id: number }>>();
    expectTypeOf(fromReadable(() => web)).toEqualTypeOf<Observable<{ id: number }>>();
    const node: Readable = new PassThrough();
    expectTypeOf(fromReadable(node)).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(fromReadable(() => node)).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(fromReadable<string>(node)).toEqualTypeOf<Observable<string>>();
    expectTypeOf(fromReadable<Buffer>(process.stdin).pipe(map(String))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(fromReadable(new Duplex())).toEqualTypeOf<Observable<unknown>>();
    // @ts-expect-error a stream that can only be written
    expect(() => fromReadable(new Writable())).toThrow(TypeError);
    // @ts-expect-error a stream of numbers is none of text
    expectTypeOf(fromReadable<string>(new ReadableStream<number>())).toBeObject();
  });
});
