import fc from 'fast-check';
import { Subject, lastValueFrom, map, toArray, type Observable } from 'rxjs';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { ItemTooLargeError, parallel, ThreadPool, type ParallelOptions, type Task } from 'sluice/parallel';
import { Thread } from '../../src/parallel/pool/Thread.ts';
import { SlotLine } from '../../src/parallel/SlotLine.ts';
import { Sizer } from '../../src/parallel/Sizer.ts';
import type { Slot } from '../../src/core/slot.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';
import { sum } from './tasks/buffers.task.ts';
import { BEGUN, MADE, makeCells, openCells } from './tasks/cells.ts';
import { double, holdSome, same, spin } from './tasks/plain.task.ts';
import { quiet, until } from './until.ts';

const pool = new ThreadPool({ threads: 2 });
afterAll(() => pool.close());
afterEach(() => vi.restoreAllMocks());

function on<T, R>(work: Task<T, R>, options: ParallelOptions<T> = {}) {
  return parallel(work, { threads: pool, ...options });
}

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** The batches that are sent from now on. */
function watchBatches(): (readonly unknown[])[] {
  const batches: (readonly unknown[])[] = [];
  const post = Thread.prototype.post;
  vi.spyOn(Thread.prototype, 'post').mockImplementation(function (this: Thread, message, transfer) {
    if (message.kind === 'batch') batches.push(message.items);
    post.call(this, message, transfer);
  });
  return batches;
}

describe('Sizer', () => {
  test('begins with one, and takes about two milliseconds for a batch', () => {
    const sizer = new Sizer(512);
    expect([sizer.size, sizer.cost]).toEqual([1, 0]);
    for (let i = 0; i < 20; i++) sizer.observe(0.1 * sizer.size, sizer.size);
    expect(sizer.size).toBeGreaterThanOrEqual(14);
    expect(sizer.size).toBeLessThanOrEqual(21);
    expect(sizer.cost).toBeCloseTo(0.1);
  });

  test('sends what takes long one by one', () => {
    const sizer = new Sizer(512);
    for (let i = 0; i < 5; i++) sizer.observe(10, 1);
    expect(sizer.size).toBe(1);
  });

  test('never sends more than four times what has been measured together', () => {
    const sizer = new Sizer(65_536);
    const sizes = [];
    for (let i = 0; i < 6; i++) {
      sizer.observe(0.0001, 1);
      sizes.push(sizer.size);
    }
    expect(sizes[0]).toBe(4);
    for (let i = 1; i < sizes.length; i++) expect(sizes[i]).toBeLessThanOrEqual(sizes[i - 1]! * 4);
  });

  test('forgets the slow beginning of a thread, and follows what becomes slower', () => {
    const sizer = new Sizer(512);
    sizer.observe(50, 1);
    expect(sizer.size).toBe(1);
    for (let i = 0; i < 30; i++) sizer.observe(0.01 * sizer.size, sizer.size);
    expect(sizer.size).toBeGreaterThan(100);
    for (let i = 0; i < 30; i++) sizer.observe(1 * sizer.size, sizer.size);
    expect(sizer.size).toBeLessThanOrEqual(3);
  });

  test('says when the size has changed, and is not moved by what changes little', () => {
    const sizer = new Sizer(512);
    for (let i = 0; i < 30; i++) sizer.observe(0.05 * sizer.size, sizer.size);
    const { size } = sizer;
    expect(sizer.observe(0.052 * size, size)).toBe(false);
    expect(sizer.size).toBe(size);
    expect(sizer.observe(5 * size, size)).toBe(true);
    expect(sizer.size).toBeLessThan(size);
  });

  test('is from 1 to the most that there may be, whatever it is told', () => {
    const measured = fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 1_000 }));
    fc.assert(
      fc.property(fc.array(measured, { maxLength: 50 }), fc.integer({ min: 1, max: 65_536 }), (seen, max) => {
        const sizer = new Sizer(max);
        for (const [elapsed, items] of seen) {
          const before = sizer.size;
          expect(sizer.observe(elapsed, items)).toBe(sizer.size !== before);
          expect(Number.isInteger(sizer.size) && sizer.size >= 1 && sizer.size <= max).toBe(true);
        }
      }),
    );
  });
});

describe('batches', () => {
  test('quick items travel many at a time', async () => {
    const batches = watchBatches();
    await all(fromIterable(numbers(20_000)).pipe(on(double)));
    expect(batches.flat().length).toBeGreaterThanOrEqual(20_000);
    expect(batches.length).toBeLessThan(2_000);
  });

  test('slow items travel one by one', async () => {
    await all(fromIterable(numbers(4)).pipe(on(double)));
    const batches = watchBatches();
    await all(fromIterable(numbers(20).map((n) => ({ ms: 4, n }))).pipe(on(spin)));
    // One that was taken back is sent again.
    expect(batches.map(({ length }) => length)).toEqual(batches.map(() => 1));
    expect(batches.length).toBeGreaterThanOrEqual(20);
  });

  test('a lone item leaves at once, also where others have travelled in large batches', async () => {
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(source.pipe(on(double, { order: 'input', overflowLimit: Infinity })));
    for (let round = 0; round < 3; round++) {
      const before = probe.values.length;
      for (const n of numbers(5)) source.next(n);
      await until(() => probe.values.length === before + 5);
    }
    for (let n = 0; n < 5; n++) {
      source.next(n);
      // Nothing else comes: if it waited for company, it would wait for ever.
      await until(() => probe.values.length === 16 + n);
    }
    source.complete();
    await probe.untilEnded();
  });

  test.each([1, 2, 7])('maxBatch %i: no batch has more items', async (maxBatch) => {
    const batches = watchBatches();
    const results = await all(fromIterable(numbers(500)).pipe(on(double, { maxBatch, order: 'input' })));
    expect(results).toEqual(numbers(500).map((n) => n * 2));
    expect(Math.max(...batches.map(({ length }) => length))).toBe(maxBatch);
  });

  test('maxBatchBytes: no batch has more bytes, but for a single item', async () => {
    const batches = watchBatches();
    const sizes = numbers(200).map((n) => (n % 50 === 49 ? 20_000 : 1_000));
    const results = await all(
      fromIterable(sizes).pipe(
        map((bytes) => new Uint8Array(bytes).fill(1)),
        on(sum, { maxBatchBytes: 5_000, order: 'input' }),
      ),
    );
    expect(results).toEqual(sizes);
    const sent = batches.map((items) => (items as Uint8Array[]).map(({ byteLength }) => byteLength));
    for (const lengths of sent) {
      const bytes = lengths.reduce((a, b) => a + b, 0);
      if (lengths.length > 1) expect(bytes).toBeLessThanOrEqual(5_000);
    }
    expect(sent.some(({ length }) => length > 1)).toBe(true);
  });

  test('maxBatchBytes: nor has one of those that came back from threads', () => {
    const line = new SlotLine<unknown, unknown>();
    const slots = numbers(6).map((index) => ({ index, item: 'x'.repeat(400) }) as Slot<unknown, unknown>);
    for (const slot of slots.splice(4)) line.push(slot, 400);
    // Two batches of 800 bytes each.
    line.putBack(slots.slice(2), false);
    line.putBack(slots.slice(0, 2), false);
    const taken = [line.take(10, 1_000), line.take(10, 1_000), line.take(10, 1_000), line.take(10, 1_000)];
    expect(taken.map((some) => some.map(({ index }) => index))).toEqual([[0, 1], [2, 3], [4, 5], []]);
    line.putBack(slots, false);
    expect([line.take(10, 1).length, line.length, line.takeAll().length]).toEqual([1, 3, 3]);
  });

  test('maxItemBytes: an item that is larger fails with what to do, and the others go', async () => {
    const probe = new Probe<unknown>();
    const items = [10, 2_000, 20].map((bytes) => new Uint8Array(bytes).fill(1));
    probe.subscribe(fromIterable(items).pipe(on(sum, { maxItemBytes: 1_000, name: 'sums' })));
    await probe.untilEnded();
    expect(probe.error).toBeInstanceOf(ItemTooLargeError);
    const { index, bytes, maxItemBytes, stage, code, message } = probe.error as ItemTooLargeError;
    expect([index, maxItemBytes, stage, code]).toEqual([1, 1_000, 'sums', 'ERR_ITEM_TOO_LARGE']);
    expect(bytes).toBeGreaterThanOrEqual(2_000);
    expect(message).toContain('transfer: true');
    const others = await all(
      fromIterable(items).pipe(on(sum, { maxItemBytes: 1_000, onError: 'skip', order: 'input' })),
    );
    expect(others).toEqual([10, 20]);
    const moved = await all(fromIterable(items).pipe(on(sum, { maxItemBytes: 1_000, transfer: true, order: 'input' })));
    expect(moved).toEqual([10, 2_000, 20]);
  });

  test('maxItemBytes counts long texts and what is nested', async () => {
    const big = [['x'.repeat(5_000)], [{ deep: { text: 'y'.repeat(5_000) } }], ['short']];
    const results = await all(fromIterable(big).pipe(on(same, { maxItemBytes: 2_000, onError: 'skip' })));
    expect(results).toEqual([['short']]);
  });
});

describe('the end of the input', () => {
  // An item that keeps its thread for as long as the test wants stands for one that takes long.
  test.each([0, 100, 250])(
    'no thread has nothing to do while another holds a long batch: item %i takes its time, all others run',
    async (at) => {
      const cells = makeCells();
      // Quick ones at first, so that the batches become large.
      const count = 3_000;
      const items = numbers(count).map((n) => ({ cells, n, held: n === 2_000 + at }));
      const probe = new Probe<number>().subscribe(fromIterable(items).pipe(on(holdSome)));
      await until(() => cells[MADE] === count - 1, 'all items but the one that is held');
      expect(probe.values).not.toContain(2_000 + at);
      openCells(cells);
      await probe.untilEnded();
      expect(probe.values.toSorted((a, b) => a - b)).toEqual(numbers(count));
      // Each ran once: what was taken back had not begun.
      expect([cells[BEGUN], cells[MADE]]).toEqual([count, count]);
    },
  );

  test('in input order, too, and with a batch in line behind the long one', async () => {
    const cells = makeCells();
    const count = 2_000;
    const items = numbers(count).map((n) => ({ cells, n, held: n === 1_990 }));
    const probe = new Probe<number>().subscribe(fromIterable(items).pipe(on(holdSome, { order: 'input' })));
    await until(() => cells[MADE] === count - 1, 'all items but the one that is held');
    await quiet();
    // Those in front of it in its batch have run, and wait with it for the thread.
    expect(probe.values).toEqual(numbers(probe.values.length));
    expect(probe.values.length).toBeLessThanOrEqual(1_990);
    openCells(cells);
    await probe.untilEnded();
    expect([probe.values, cells[BEGUN]]).toEqual([numbers(count), count]);
  });

  test('skewed costs: two threads take no longer than the work needs, with room for the machine', async () => {
    // One item in fifty takes 100 times as long as the others: a second of work in all.
    const items = numbers(500).map((n) => ({ ms: n % 50 === 49 ? 50 : 0.5, n }));
    const started = performance.now();
    const results = await all(fromIterable(items).pipe(on(spin)));
    expect(results.length).toBe(500);
    // 745 ms of work; a fixed split in halves may give one thread all of the long ones.
    expect(performance.now() - started).toBeLessThan(745 * 5);
  });
});
