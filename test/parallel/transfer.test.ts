import { lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type ItemTooLargeError,
  NotCloneableError,
  parallel,
  ThreadPool,
  type ParallelOptions,
  type Task,
} from 'sluice/parallel';
import type { Result } from '../../src/core/options.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { echo, keep, lengths, pooled, several, sum, twins, write } from './tasks/buffers.task.ts';
import { same } from './tasks/plain.task.ts';

/** One thread, so that a task knows what it gave before. */
const pool = new ThreadPool({ threads: 1 });
afterAll(() => pool.close());

function on<T, R>(work: Task<T, R>, options: ParallelOptions<T> = {}) {
  return parallel(work, { threads: pool, order: 'input', ...options });
}

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const bytes = (length: number, fill = 1): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(fill);

describe('what becomes of the buffers of items', () => {
  test.each([
    ['by default', undefined],
    ['with false', false],
    ["with 'auto'", 'auto' as const],
  ])('%s they are copied, and stay as they are', async (_, transfer) => {
    const items = [bytes(10), bytes(20), bytes(30)];
    expect(await all(fromIterable(items).pipe(on(sum, { transfer })))).toEqual([10, 20, 30]);
    expect(items.map(({ byteLength }) => byteLength)).toEqual([10, 20, 30]);
  });

  test('with true they are moved, and empty on this side', async () => {
    const items = [bytes(10), bytes(20), bytes(30)];
    expect(await all(fromIterable(items).pipe(on(sum, { transfer: true })))).toEqual([10, 20, 30]);
    expect(items.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
  });

  test('those deep inside, and as themselves, too', async () => {
    const buffer = bytes(8).buffer;
    const item = { a: bytes(5), b: bytes(6) };
    const [it] = await all(of(item).pipe(on(lengths, { transfer: true })));
    const [back] = await all(of(buffer).pipe(on(echo, { transfer: true })));
    expect([it, item.a.byteLength, item.b.byteLength]).toEqual([{ a: 5, b: 6, same: false }, 0, 0]);
    expect([back?.byteLength, buffer.byteLength]).toEqual([8, 0]);
  });

  test('the same buffer twice in one item is one buffer', async () => {
    const { buffer } = bytes(16);
    const item = { a: new Uint8Array(buffer), b: new Uint8Array(buffer) };
    expect(await all(of(item).pipe(on(lengths, { transfer: true })))).toEqual([{ a: 16, b: 16, same: true }]);
    expect(buffer.byteLength).toBe(0);
  });

  test('the same buffer in two items: it can be moved once, and the second item says so', async () => {
    const item = bytes(16);
    const results$ = fromIterable([item, item, bytes(4)]).pipe(
      parallel(sum, { threads: pool, order: 'input', transfer: true, maxBatch: 1, onError: 'emit' }),
    );
    const [first, second, third] = await all<Result<number, Uint8Array>>(results$);
    expect([first, third]).toEqual([
      { ok: true, value: 16 },
      { ok: true, value: 4 },
    ]);
    const { error } = second as { error: NotCloneableError };
    expect(error).toBeInstanceOf(NotCloneableError);
    expect(error).toMatchObject({ direction: 'item', index: 1, path: 'item' });
    expect(error.message).toContain('a detached ArrayBuffer');
  });

  test('the same buffer in two items of one batch arrives in both', async () => {
    const { buffer } = bytes(16);
    const items = [new Uint8Array(buffer), new Uint8Array(buffer)];
    // The first batch teaches it that many fit.
    const warm = Array.from({ length: 200 }, () => bytes(1));
    const results = await all(
      fromIterable([...warm, ...items]).pipe(
        parallel(sum, { threads: pool, order: 'input', transfer: true, onError: 'skip' }),
      ),
    );
    expect(results.slice(0, 200)).toEqual(warm.map(() => 1));
    // Which batch they go with is a matter of time; neither way may be wrong or lost without a word.
    expect([[16], [16, 16]]).toContainEqual(results.slice(200));
    expect(buffer.byteLength).toBe(0);
  });

  test('shared memory is never moved, and both sides see it', async () => {
    for (const transfer of [false, true, 'auto'] as const) {
      const cells = new Int32Array(new SharedArrayBuffer(16));
      const items = [0, 1, 2, 3].map((at) => ({ cells, at }));
      expect(await all(fromIterable(items).pipe(on(write, { transfer })))).toEqual([true, true, true, true]);
      expect([...cells]).toEqual([1, 2, 3, 4]);
    }
  });

  test('a pooled Buffer is copied, and what shares its memory is left alone', async () => {
    const [one, other] = [Buffer.from('abc'), Buffer.from('xyz')];
    expect(one.buffer).toBe(other.buffer);
    const results = await all(fromIterable([one, other]).pipe(on(sum, { transfer: true })));
    expect(results).toEqual([97 + 98 + 99, 120 + 121 + 122]);
    expect([one.toString(), other.toString(), Buffer.from('after').toString()]).toEqual(['abc', 'xyz', 'after']);
  });

  test('a view of a part is copied, and the whole stays as it is', async () => {
    const whole = bytes(100);
    expect(await all(of(whole.subarray(10, 20)).pipe(on(sum, { transfer: true })))).toEqual([10]);
    expect(whole.byteLength).toBe(100);
  });

  test('W8 what is moved does not count for maxItemBytes, and what is copied does', async () => {
    const items = [
      { load: bytes(5_000), sent: true },
      { load: [bytes(5_000), bytes(5_000).buffer, 'x'.repeat(500)], sent: true },
      { load: 'x'.repeat(5_000), sent: false },
      { load: [bytes(5_000), 'x'.repeat(5_000)], sent: false },
      { load: bytes(5_000).subarray(0, 10), sent: false },
      { load: new Map([[1, bytes(5_000)]]), sent: false },
    ];
    const results = await all(
      fromIterable(items).pipe(
        parallel<{ sent: boolean }, unknown>(same, {
          threads: pool,
          order: 'input',
          transfer: true,
          maxItemBytes: 1_000,
          onError: 'emit',
        }),
      ),
    );
    expect(results.map(({ ok }) => ok)).toEqual(items.map(({ sent }) => sent));
    for (const [index, result] of results.entries()) {
      if (!result.ok) expect(result.error).toMatchObject({ code: 'ERR_ITEM_TOO_LARGE', index });
    }
    expect((results[3] as { error: ItemTooLargeError }).error.bytes).toBeLessThan(6_000);
  });

  test('an empty buffer, which has nothing to move, may be sent twice', async () => {
    const empty = new Uint8Array(0);
    expect(await all(fromIterable([empty, empty]).pipe(on(sum, { transfer: true, maxBatch: 1 })))).toEqual([0, 0]);
  });
});

describe('what becomes of the buffers of results', () => {
  test.each([
    ['by default', undefined, 10],
    ['with false', false, 10],
    ["with 'auto'", 'auto' as const, 0],
    ['with true', true, 0],
  ])('%s what the task keeps of them has so many bytes', async (_, transfer, left) => {
    const own = new ThreadPool({ threads: 1 });
    const results = await all(
      fromIterable([10, 10, 10]).pipe(parallel(keep, { threads: own, transfer, maxBatch: 1, concurrency: 1 })),
    );
    expect(results.map(({ bytes: got }) => got)).toEqual([bytes(10, 7), bytes(10, 7), bytes(10, 7)]);
    expect(results.map(({ before }) => before)).toEqual([undefined, left, left]);
    await own.close();
  });

  test.each([
    [false, 10],
    ['auto', 0],
    [true, 0],
  ] as const)(
    'those of several values of one item, with %s: each has %i bytes in the thread once sent',
    async (transfer, left) => {
      const results = await all(of(10).pipe(on(several, { transfer })));
      expect(results).toEqual([bytes(10, 1), bytes(10, 2), [left, left]]);
    },
  );

  test.each([false, 'auto', true] as const)('one buffer several times in a result stays one (%s)', async (transfer) => {
    const results = await all(fromIterable([4, 5]).pipe(on(twins, { transfer })));
    expect(results.map(({ all: { byteLength } }) => byteLength)).toEqual([4, 5]);
    for (const { all: one, again, buffer } of results) {
      expect([one.buffer === buffer, again.buffer === buffer]).toEqual([true, true]);
    }
  });

  test('shared memory in a result is the same memory', async () => {
    const cells = new Int32Array(new SharedArrayBuffer(8));
    const [back] = (await all(of(cells).pipe(on(echo, { transfer: true })))) as Int32Array[];
    Atomics.store(cells, 1, 5);
    expect(Atomics.load(back!, 1)).toBe(5);
  });

  test("a pooled Buffer arrives as its bytes, and the thread's pool is left alone", async () => {
    const texts = Array.from({ length: 50 }, (_, n) => `text ${n}`);
    for (const transfer of [false, 'auto', true] as const) {
      const results = await all(fromIterable(texts).pipe(on(pooled, { transfer })));
      expect(results.map((it) => Buffer.from(it).toString())).toEqual(texts);
    }
  });

  test('there and back, over and over', async () => {
    let buffers = Array.from({ length: 8 }, (_, n) => bytes(1_000, n));
    for (let round = 0; round < 5; round++) {
      const sent = buffers;
      buffers = (await all(fromIterable(sent).pipe(on(echo, { transfer: true })))) as Uint8Array<ArrayBuffer>[];
      expect(sent.every(({ byteLength }) => byteLength === 0)).toBe(true);
    }
    expect(buffers).toEqual(Array.from({ length: 8 }, (_, n) => bytes(1_000, n)));
  });
});
