import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { Subject, concat, from, map, of, throwError, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { encodeNdjson } from '../../src/sinks/encodeNdjson.ts';
import { toWeb } from '../../src/sinks/toWeb.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { fromReadable } from '../../src/sources/fromReadable.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { badCounts, badNames, badObjects, table, thrownBy, type BadValue } from '../operators/badOptions.ts';

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await turn();
};

async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

const late: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(late.splice(0)).toEqual([]);
});

describe('toWeb', () => {
  test('does what the diagram in its comment says', async () => {
    const source = new ProbeSource('abc');
    const reader = toWeb(source.items$).getReader();
    for (const [i, item] of ['a', 'b', 'c'].entries()) {
      await settle();
      expect(source.produced).toBe(i);
      expect(await reader.read()).toEqual({ done: false, value: item });
    }
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await reader.closed;
    expect(source).toMatchObject({ subscriptions: 1, isSubscribed: false, producedWhileClosed: 0 });
  });

  test('R-01 subscribes with the first read, and at once if it is to fetch ahead', async () => {
    const source = new ProbeSource([1, 2, 3]);
    toWeb(source.items$);
    await settle();
    expect(source.subscriptions).toBe(0);
    toWeb(source.items$, { strategy: { highWaterMark: 2 } });
    await settle();
    expect([source.subscriptions, source.produced]).toEqual([1, 2]);
  });

  test.each([
    [{ highWaterMark: 3 }, 3],
    [{ highWaterMark: 2.5 }, 3],
    [new CountQueuingStrategy({ highWaterMark: 4 }), 4],
    [{ highWaterMark: 6, size: (n: number) => (n < 2 ? 3 : 1) }, 2],
    [{ size: () => 1 }, 0],
  ])('R-10 honours the strategy %o and fetches %i ahead', async (strategy, ahead) => {
    const source = new ProbeSource(naturals());
    const reader = toWeb(source.items$, { strategy }).getReader();
    await settle();
    expect(source.produced).toBe(ahead);
    expect(await reader.read()).toEqual({ done: false, value: 0 });
    await reader.cancel();
    expect(source).toMatchObject({ isSubscribed: false, producedWhileClosed: 0 });
  });

  test('R-10 counts bytes with a ByteLengthQueuingStrategy, and one item at most beyond', async () => {
    const pieces = new ProbeSource(
      (function* () {
        for (;;) yield new Uint8Array(400);
      })(),
    );
    const stream = toWeb(pieces.items$, { strategy: new ByteLengthQueuingStrategy({ highWaterMark: 1000 }) });
    await settle();
    expect(pieces.produced).toBe(3);
    await stream.cancel();
  });

  test('answers several reads that wait in their order', async () => {
    const source = new ProbeSource<number>([], false);
    const reader = toWeb(source.items$).getReader();
    const reads = [reader.read(), reader.read(), reader.read()];
    await settle();
    for (const n of [1, 2]) {
      source.push(n);
      await settle();
    }
    source.complete();
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  test('R-06 lets falsy items through', async () => {
    const items = [undefined, null, 0, '', NaN, false];
    expect(await all(toWeb(fromIterable(items)))).toEqual(items);
  });

  test(
    'R-22 gives 100,000 items of a synchronous source and fetches many of them at once',
    { timeout: 30_000 },
    async () => {
      const numbers = Array.from({ length: 100_000 }, (_, i) => i);
      expect(await all(toWeb(fromIterable(numbers), { strategy: { highWaterMark: 1000 } }))).toEqual(numbers);
    },
  );

  test('is the body of a Response', async () => {
    const bytes = fromIterable([{ id: 1 }, { id: 2 }]).pipe(
      encodeNdjson(),
      map((line) => new TextEncoder().encode(line)),
    );
    expect(await new Response(toWeb(bytes)).text()).toBe('{"id":1}\n{"id":2}\n');
  });

  test('is piped, teed, and read back into a flow', async () => {
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    const [left, right] = toWeb(fromIterable(numbers)).tee();
    const double = new TransformStream<number, number>({ transform: (n, to) => to.enqueue(n * 2) });
    const back: number[] = [];
    const read = new Promise<void>((complete, error) => {
      fromReadable(right.pipeThrough(double)).subscribe({ next: (n) => back.push(n), error, complete });
    });
    expect(await all(left)).toEqual(numbers);
    await read;
    expect(back).toEqual(numbers.map((n) => n * 2));
  });

  test('tee reads as the faster of the two does, and ends its source when both have been cancelled', async () => {
    const source = new ProbeSource(naturals());
    const [left, right] = toWeb(source.items$).tee();
    const reader = left.getReader();
    for (let n = 0; n < 5; n++) expect((await reader.read()).value).toBe(n);
    expect(source.produced).toBeLessThanOrEqual(7);
    const cancelled = reader.cancel();
    await settle();
    expect(source.isSubscribed).toBe(true);
    await Promise.all([cancelled, right.cancel()]);
    expect(source.isSubscribed).toBe(false);
  });
});

describe('toWeb ends', () => {
  test('R-33 R-15 with the very error of its source, whatever it is, at once', async () => {
    for (const error of [new Error('source'), undefined, null, 0, { a: 1 }]) {
      const reader = toWeb(
        concat(
          of(1),
          throwError(() => error),
        ),
      ).getReader();
      expect((await reader.read()).value).toBe(1);
      await expect(reader.read()).rejects.toBe(error);
      await expect(reader.closed).rejects.toBe(error);
    }
    const source = new ProbeSource([1, 2, 3], false);
    const reader = toWeb(source.items$, { strategy: { highWaterMark: 3 } }).getReader();
    await settle();
    expect(source.produced).toBe(3);
    source.fail('at once');
    await expect(reader.read()).rejects.toBe('at once');
  });

  test('R-42 with cancel(): unsubscribed at once, settled when all is released', async () => {
    const log: string[] = [];
    const source = fromIterable(async function* () {
      try {
        yield* naturals();
      } finally {
        await turn();
        log.push('closed');
      }
    });
    const reader = toWeb(source).getReader();
    await reader.read();
    await reader.cancel('enough');
    expect(log).toEqual(['closed']);
    const hot = new Subject<number>();
    const other = toWeb(hot).getReader();
    const read = other.read();
    await settle();
    expect(hot.observed).toBe(true);
    const cancelled = other.cancel();
    expect(hot.observed).toBe(false);
    hot.error(new Error('too late'));
    expect(await read).toEqual({ done: true, value: undefined });
    await cancelled;
  });

  test('with cancel() before the first read: nothing is subscribed', async () => {
    const source = new ProbeSource([1]);
    await toWeb(source.items$).cancel();
    expect(source.subscriptions).toBe(0);
  });

  test('when an iteration breaks off, and when the destination of pipeTo fails', async () => {
    const iterated = new ProbeSource(naturals());
    for await (const n of toWeb(iterated.items$)) if (n === 2) break;
    expect(iterated).toMatchObject({ isSubscribed: false, produced: 3 });
    const source = new ProbeSource(naturals());
    const error = new Error('below');
    const to = new WritableStream<number>({
      write: (n) => {
        if (n === 3) throw error;
      },
    });
    await expect(toWeb(source.items$).pipeTo(to)).rejects.toBe(error);
    expect(source.isSubscribed).toBe(false);
  });

  test('R-30 with what the size function of its strategy throws, and leaves its source', async () => {
    const error = new Error('size');
    const source = new ProbeSource(naturals());
    const size = (n: number): number => {
      if (n === 2) throw error;
      return 1;
    };
    const reader = toWeb(source.items$, { strategy: { highWaterMark: 2, size } }).getReader();
    await settle();
    expect((await reader.read()).value).toBe(0);
    await settle();
    await expect(reader.closed).rejects.toBe(error);
    expect(source.isSubscribed).toBe(false);
  });
});

test('G7 toWeb keeps what a source sends that cannot be paused, up to overflowLimit', async () => {
  const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
  expect(await all(toWeb(from([1, 2, 3, 4]), { overflowLimit: 3 }))).toEqual([1, 2, 3, 4]);
  expect(warn).toHaveBeenCalledTimes(1);
  const failing = toWeb(from([1, 2, 3, 4, 5]), { overflowLimit: 3, name: 'ticks' });
  await expect(all(failing)).rejects.toMatchObject({ code: 'ERR_OVERFLOW', stage: 'ticks' });
});

test('toWeb and all that it imports run without Node.js', () => {
  const seen = new Set<string>();
  const follow = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const text = readFileSync(file, 'utf8');
    expect([file.href, /from 'node:/.test(text)]).toEqual([file.href, false]);
    for (const [, path] of text.matchAll(/^(?:import|export) (?!type)[^;]*? from '([.][^']+)'/gm))
      follow(new URL(path!, file));
  };
  follow(new URL('../../src/sinks/toWeb.ts', import.meta.url));
  expect(seen.size).toBeGreaterThan(5);
});

test('toWeb infers what its stream gives', () => {
  expectTypeOf(toWeb(of(1))).toEqualTypeOf<ReadableStream<number>>();
  expectTypeOf(toWeb(of({ id: 1 }), { strategy: { size: (row) => row.id } })).toEqualTypeOf<
    ReadableStream<{ id: number }>
  >();
  // @ts-expect-error -- no flow
  expect(() => toWeb([1])).toThrow(TypeError);
});

describe('toWeb refuses at the call', () => {
  test.each([undefined, null, 5, 'text', [], {}, Promise.resolve(1), new ReadableStream()])(
    'the source %o',
    (source) => {
      expect(() => toWeb(source as Observable<unknown>)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', option: 'source' }),
      );
    },
  );

  const wrongStrategies: BadValue[] = [null, 5, true, () => {}, {}, []].map((value) => [
    value,
    TypeError,
    'ERR_INVALID_ARG_TYPE',
  ]);
  const bad = { overflowLimit: badCounts(0, true), name: badNames, strategy: wrongStrategies };
  test.each(table(bad))('the option "$option" as $shown', ({ option, bad: [value, type, code] }) => {
    const error = thrownBy(() => toWeb(of(1), { [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option });
  });

  test.each([
    [{ highWaterMark: -1 }, RangeError, 'strategy.highWaterMark'],
    [{ highWaterMark: NaN }, RangeError, 'strategy.highWaterMark'],
    [{ highWaterMark: '1' }, TypeError, 'strategy.highWaterMark'],
    [{ highWaterMark: null }, TypeError, 'strategy.highWaterMark'],
    [{ size: 1 }, TypeError, 'strategy.size'],
    [{ size: null }, TypeError, 'strategy.size'],
  ])('the strategy %o', (strategy, type, option) => {
    const error = thrownBy(() => toWeb(of(1), { strategy } as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });

  test('a source that cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => toWeb(proxy as never)).toThrow(expect.objectContaining({ name: 'TypeError', option: 'source' }));
  });

  test.each(badObjects)('the options %o', (options, type, code) => {
    const error = thrownBy(() => toWeb(of(1), options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options' });
  });
});
