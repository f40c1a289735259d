import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Transform, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import { Subject, concat, from, of, throwError, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { encodeNdjson } from '../../src/sinks/encodeNdjson.ts';
import { toReadable } from '../../src/sinks/toReadable.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { fromReadable } from '../../src/sources/fromReadable.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { badCounts, badNames, badObjects, table, thrownBy } from '../operators/badOptions.ts';

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn();
};

/** Waits until a stream is closed, whatever else it says. */
const closed = async (stream: Readable): Promise<void> => {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
};

const late: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(late.splice(0)).toEqual([]);
});

describe('toReadable', () => {
  test('does what the diagram in its comment says', async () => {
    const source = new ProbeSource('abcde');
    const stream = toReadable(source.items$, { highWaterMark: 2 });
    stream.on('readable', () => {});
    await settle();
    expect(source.produced).toBe(2);
    // What each read gives, how many items have been made by then, and whether the source has completed.
    const steps: unknown[] = [];
    for (const _ of 'abcde') {
      const item: unknown = stream.read();
      await settle();
      steps.push([item, source.produced, source.isSubscribed]);
    }
    expect(steps).toEqual([
      ['a', 3, true],
      ['b', 4, true],
      ['c', 5, true],
      ['d', 5, false],
      ['e', 5, false],
    ]);
    expect(stream.readableEnded).toBe(true);
  });

  test('R-01 subscribes once, when it is first read', async () => {
    const source = new ProbeSource([1, 2, 3]);
    const stream = toReadable(source.items$);
    stream.on('error', () => {}).on('end', () => {});
    await settle();
    expect(source.subscriptions).toBe(0);
    stream.on('data', () => {});
    await once(stream, 'end');
    await closed(stream);
    expect(source).toMatchObject({ subscriptions: 1, isSubscribed: false, produced: 3 });
  });

  test('a stream that is destroyed before that subscribes to nothing, and says so without an error', async () => {
    const source = new ProbeSource([1]);
    const stream = toReadable(source.items$);
    stream.destroy();
    await closed(stream);
    expect(source.subscriptions).toBe(0);
    expect(stream.errored).toBeNull();
  });

  test('R-10 fetches highWaterMark items ahead and not one more, however it is read', async () => {
    for (const highWaterMark of [0, 1, 3, 16]) {
      const source = new ProbeSource(naturals());
      const stream = toReadable(source.items$, { highWaterMark });
      stream.on('readable', () => {});
      await settle();
      expect(source.produced).toBe(Math.max(highWaterMark, 1));
      for (let n = 0; n < 50; n++) {
        const item: unknown = stream.read();
        if (item !== null) expect(item).toBe(n);
        else n--;
        await settle();
        expect(source.produced - n - 1).toBeLessThanOrEqual(Math.max(highWaterMark, 1));
      }
      expect(source.producedWhileClosed).toBe(0);
      stream.destroy();
      expect(source.isSubscribed).toBe(false);
    }
  });

  test('with objectMode: false fetches bytes ahead, and one item at most beyond', async () => {
    const source = new ProbeSource(
      (function* () {
        for (;;) yield 'four';
      })(),
    );
    const stream = toReadable(source.items$, { objectMode: false, highWaterMark: 10 });
    stream.on('readable', () => {});
    await settle();
    expect(source.produced).toBe(3);
    expect(String(stream.read(6))).toBe('fourfo');
    await settle();
    expect(source.produced).toBe(4);
    stream.destroy();
  });

  test('with objectMode: false takes strings and bytes, empty ones too', async () => {
    const items = ['a', '', new Uint8Array([0x62]), new Uint8Array(), Buffer.from('é'), '', '€', '𝄞'];
    expect(await text(toReadable(fromIterable(items), { objectMode: false }))).toBe('abé€𝄞');
    expect(await text(toReadable(fromIterable(['', '']), { objectMode: false }))).toBe('');
  });

  test('R-06 takes every falsy item but null, which is an error that says so', async () => {
    const items = [undefined, 0, '', false, NaN];
    expect(await toReadable(fromIterable(items)).toArray()).toEqual(items);
    const source = new ProbeSource([1, null, 2]);
    const got: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const item of toReadable(source.items$, { highWaterMark: 1 })) got.push(item);
    };
    await expect(read()).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      option: 'item 1',
      message: 'toReadable(): "item 1" must be anything but null, which ends a stream. Received null (null)',
    });
    expect(source).toMatchObject({ isSubscribed: false, produced: 2 });
    expect(got).toEqual([1]);
  });

  test.each([5, {}, null, undefined, new Uint16Array(1), true])(
    'with objectMode: false refuses the item %o',
    async (item) => {
      const stream = toReadable(fromIterable(['a', item as string]), { objectMode: false });
      await expect(text(stream)).rejects.toMatchObject({ name: 'TypeError', option: 'item 1' });
    },
  );

  test('R-22 flows through 300,000 items of a synchronous source', { timeout: 60_000 }, async () => {
    const source = new ProbeSource(Array.from({ length: 300_000 }, (_, i) => i));
    let sum = 0;
    const stream = toReadable(source.items$);
    stream.on('data', (n: number) => (sum += n));
    await once(stream, 'end');
    expect(sum).toBe((299_999 * 300_000) / 2);
    expect(source.producedWhileClosed).toBe(0);
  });

  test('may be paused and read from within "data"', async () => {
    const source = new ProbeSource(naturals());
    const stream = toReadable(source.items$, { highWaterMark: 2 });
    const got: unknown[] = [];
    stream.on('data', (n: number) => {
      got.push(n);
      if (n === 3) stream.pause();
      if (n === 5) stream.destroy();
    });
    await vi.waitUntil(() => got.length === 4, { interval: 1 });
    await settle();
    expect(got).toEqual([0, 1, 2, 3]);
    expect(source.produced).toBeLessThanOrEqual(4 + 2);
    stream.resume();
    await closed(stream);
    // Node.js goes on giving what it had fetched, and no more.
    expect(got.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(got.length).toBeLessThanOrEqual(6 + 2);
    expect(source.isSubscribed).toBe(false);
  });
});

describe('toReadable ends', () => {
  test('R-15 at once with the very error of its source, which what was fetched ahead does not hold up', async () => {
    for (const error of [new Error('source'), Object.freeze(new Error('frozen')), 'text', { a: 1 }]) {
      const source = new ProbeSource([1, 2, 3], false);
      const stream = toReadable(source.items$);
      const [seen] = (await Promise.all([
        once(stream, 'error').catch((e: unknown) => [e]),
        settle().then(() => {
          stream.on('readable', () => {});
          return settle().then(() => source.fail(error));
        }),
      ])) as unknown as [unknown[]];
      expect(seen).toEqual([error]);
      expect(seen[0]).toBe(error);
      await closed(stream);
      expect(source.isSubscribed).toBe(false);
    }
  });

  test('R-33 with an error of its own whose cause is falsy, which a stream would take for none', async () => {
    for (const thrown of [undefined, null, 0, '', false]) {
      const failure = await toReadable(throwError(() => thrown))
        .toArray()
        .then(
          () => 'no failure',
          (error: unknown) => error,
        );
      expect(failure).toMatchObject({ code: 'ERR_FALSY_ERROR', cause: thrown });
    }
  });

  test('R-42 with destroy(): unsubscribed at once, "close" when all is released, and no "error"', async () => {
    const log: string[] = [];
    const source = fromIterable(async function* () {
      try {
        yield* naturals();
      } finally {
        log.push('closing');
        await turn();
        log.push('closed');
      }
    });
    const stream = toReadable(source);
    stream.on('error', () => log.push('error')).on('close', () => log.push('close'));
    stream.on('data', () => {});
    await once(stream, 'data');
    stream.destroy();
    await closed(stream);
    expect(log).toEqual(['closing', 'closed', 'close']);
  });

  test('with destroy(error): that error and no other, and late ones of the source go nowhere', async () => {
    const source = new Subject<number>();
    const stream = toReadable(source);
    const errors: unknown[] = [];
    stream.on('error', (error) => errors.push(error)).on('data', () => {});
    await settle();
    expect(source.observed).toBe(true);
    const error = new Error('enough');
    stream.destroy(error);
    expect(source.observed).toBe(false);
    source.error(new Error('too late'));
    await closed(stream);
    expect(errors).toEqual([error]);
  });

  test('R-34 with the error that a listener throws', async () => {
    const source = new ProbeSource<number>([], false);
    const stream = toReadable(source.items$);
    const error = new Error('listener');
    const failed = once(stream, 'error');
    stream.on('data', (n) => {
      if (n === 2) throw error;
    });
    await settle();
    source.push(1);
    source.push(2);
    await expect(failed).resolves.toEqual([error]);
    expect(source.isSubscribed).toBe(false);
  });

  test('when an iteration breaks off', async () => {
    const source = new ProbeSource(naturals());
    const stream = toReadable(source.items$);
    for await (const n of stream) if (n === 3) break;
    expect(source.isSubscribed).toBe(false);
    expect(stream.destroyed).toBe(true);
  });

  test('and leaves no listener on what it was piped to', async () => {
    const to = new PassThrough({ objectMode: true });
    const before = to.eventNames().map((name) => to.listenerCount(name));
    to.resume();
    toReadable(fromIterable([1, 2, 3])).pipe(to, { end: false });
    await settle();
    expect(to.eventNames().map((name) => to.listenerCount(name))).toEqual(before);
  });
});

describe('toReadable in a pipeline', () => {
  test('goes through other streams and back into a flow', async () => {
    const double = new Transform({ objectMode: true, transform: (n: number, _, done) => done(null, n * 2) });
    const back: number[] = [];
    const source = fromIterable(Array.from({ length: 1000 }, (_, i) => i));
    await new Promise<void>((complete, error) => {
      fromReadable<number>(toReadable(source).pipe(double)).subscribe({ next: (n) => back.push(n), error, complete });
    });
    expect(back).toEqual(Array.from({ length: 1000 }, (_, i) => i * 2));
  });

  test('is compressed', async () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id }));
    const lines = toReadable(fromIterable(rows).pipe(encodeNdjson()), { objectMode: false });
    const zipped = await buffer(lines.pipe(createGzip()));
    expect(gunzipSync(zipped).toString()).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });

  test('is destroyed by a failure below, which reaches its source', async () => {
    const source = new ProbeSource(naturals());
    const error = new Error('below');
    const to = new Writable({ objectMode: true, write: (n: number, _, done) => done(n === 5 ? error : null) });
    await expect(pipeline(toReadable(source.items$), to)).rejects.toBe(error);
    expect(source.isSubscribed).toBe(false);
  });

  test('destroys what is below with the error of its source', async () => {
    const error = new Error('source');
    const to = new PassThrough({ objectMode: true });
    to.resume();
    await expect(
      pipeline(
        toReadable(
          concat(
            of(1),
            throwError(() => error),
          ),
        ),
        to,
      ),
    ).rejects.toBe(error);
    expect(to).toMatchObject({ destroyed: true, errored: error });
  });

  test('answers an HTTP request, and stops when the client goes away', async () => {
    const source = new ProbeSource(
      (function* () {
        for (;;) yield 'x'.repeat(1000);
      })(),
    );
    const ended: Promise<unknown>[] = [];
    const server = createServer((_, response) => {
      const body = toReadable(source.items$, { objectMode: false });
      ended.push(pipeline(body, response).catch((error: unknown) => (error as NodeJS.ErrnoException).code));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = request({ port, host: '127.0.0.1' }).end();
    const [response] = (await once(client, 'response')) as [Readable];
    await once(response, 'data');
    expect(source.isSubscribed).toBe(true);
    client.on('error', () => {}).destroy();
    expect(await ended[0]).toBe('ERR_STREAM_PREMATURE_CLOSE');
    expect(source).toMatchObject({ isSubscribed: false, producedWhileClosed: 0 });
    server.close();
    await once(server, 'close');
  });

  test('is what `finished` calls finished', async () => {
    const stream = toReadable(fromIterable([1]));
    stream.resume();
    await finished(stream);
    expect(stream.readableEnded).toBe(true);
  });
});

test('G7 toReadable keeps what a source sends that cannot be paused, up to overflowLimit', async () => {
  const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
  expect(await toReadable(from([1, 2, 3, 4]), { highWaterMark: 1, overflowLimit: 3 }).toArray()).toEqual([1, 2, 3, 4]);
  expect(warn).toHaveBeenCalledTimes(1);
  const failing = toReadable(from([1, 2, 3, 4, 5]), { highWaterMark: 1, overflowLimit: 3, name: 'ticks' });
  await expect(failing.toArray()).rejects.toMatchObject({ code: 'ERR_OVERFLOW', stage: 'ticks' });
});

test('toReadable takes what its options allow, and gives a stream of Node.js itself', () => {
  expectTypeOf(toReadable(of(1))).toEqualTypeOf<Readable>();
  expect(toReadable(of(1)).constructor).toBe(Readable);
  expectTypeOf(toReadable(of('a'), { objectMode: false, highWaterMark: 1 })).toEqualTypeOf<Readable>();
  // @ts-expect-error -- neither text nor bytes
  toReadable(of(1), { objectMode: false });
  // @ts-expect-error -- no flow
  expect(() => toReadable([1])).toThrow(TypeError);
});

describe('toReadable refuses at the call', () => {
  test.each([undefined, null, 5, 'text', [], {}, Promise.resolve(1), new PassThrough()])('the source %o', (source) => {
    expect(() => toReadable(source as Observable<unknown>)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'source' }),
    );
  });

  const bad = {
    highWaterMark: badCounts(0, false),
    overflowLimit: badCounts(0, true),
    name: badNames,
    objectMode: ['', 0, null, 'true', {}].map((value) => [value, TypeError, 'ERR_INVALID_ARG_TYPE'] as const),
  };
  test.each(table(bad))('the option "$option" as $shown', ({ option, bad: [value, type, code] }) => {
    const error = thrownBy(() => toReadable(of(1), { [option]: value } as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option });
  });

  test('a source that cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => toReadable(proxy as never)).toThrow(expect.objectContaining({ name: 'TypeError', option: 'source' }));
  });

  test.each(badObjects)('the options %o', (options, type, code) => {
    const error = thrownBy(() => toReadable(of(1), options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options' });
  });
});
