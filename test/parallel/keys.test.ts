import fc from 'fast-check';
import { Subject, lastValueFrom, toArray, type Observable } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import { parallel, ThreadPool, type Move, type ParallelOptions, type Task } from 'sluice/parallel';
import { homeOf, nameOfKey } from '../../src/core/homeOf.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';
import { BEGUN, makeCells, openCells } from './tasks/cells.ts';
import { keyText, remember, rememberApart, slow, type Keyed } from './tasks/keyed.task.ts';
import { until } from './until.ts';

const THREADS = 3;
const pool = new ThreadPool({ threads: THREADS });
afterAll(() => pool.close());

/** By their keys, on the shared threads. */
function on<T extends { key: string }, R>(work: Task<T, R>, options: ParallelOptions<T> = {}) {
  return parallel(work, { threads: pool, key: ({ key }: T) => key, ...options });
}

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
/** So many items of each key, in turns. */
const rounds = (count: number, keys = KEYS): Keyed[] =>
  Array.from({ length: count }, (_, n) => keys.map((key) => ({ key, n }))).flat();

function byKey<T extends { key: string }>(results: readonly T[]): Map<string, T[]> {
  const grouped = new Map<string, T[]>();
  for (const result of results) grouped.set(result.key, [...(grouped.get(result.key) ?? []), result]);
  return grouped;
}

/** A key that lives on a thread, of so many. */
const keyAt = (thread: number, threads: number): string => KEYS.find((key) => homeOf(key, threads) === thread)!;

/** Whether two keys have different homes for some number of seats. */
const areApart = (a: unknown, b: unknown): boolean =>
  Array.from({ length: 100 }, (_, i) => i + 2).some(
    (seats) => homeOf(nameOfKey(a), seats) !== homeOf(nameOfKey(b), seats),
  );

describe('homeOf', () => {
  const key = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.bigInt(), fc.constant(null), fc.constant(undefined));

  test('is one of the seats, and always the same', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 256 }), (it, seats) => {
        const home = homeOf(it, seats);
        expect(Number.isInteger(home) && home >= 0 && home < seats).toBe(true);
        expect(homeOf(it, seats)).toBe(home);
      }),
    );
  });

  test('with one more seat a key stays, or moves to the new one', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 255 }), (it, seats) => {
        expect([homeOf(it, seats), seats]).toContain(homeOf(it, seats + 1));
      }),
    );
  });

  test('with one seat fewer only the keys of the last one move', () => {
    fc.assert(
      fc.property(key, fc.integer({ min: 2, max: 256 }), (it, seats) => {
        const home = homeOf(it, seats);
        if (home < seats - 1) expect(homeOf(it, seats - 1)).toBe(home);
      }),
    );
  });

  test('spreads keys evenly: no seat has more than a third more or less than its share', () => {
    for (const keys of [
      Array.from({ length: 10_000 }, (_, n) => n),
      Array.from({ length: 10_000 }, (_, n) => `user-${n}`),
      Array.from({ length: 10_000 }, (_, n) => ({ n })),
    ]) {
      for (const seats of [2, 3, 8, 16]) {
        const counts = Array.from({ length: seats }, () => 0);
        for (const it of keys) counts[homeOf(nameOfKey(it), seats)]!++;
        for (const count of counts) expect(Math.abs(count * seats - 10_000)).toBeLessThan(10_000 / 3);
      }
    }
  });

  test('moves about one key in as many as there are seats then', () => {
    const keys = Array.from({ length: 10_000 }, (_, n) => `key ${n}`);
    for (const seats of [1, 3, 7]) {
      const moved = keys.filter((it) => homeOf(it, seats) !== homeOf(it, seats + 1)).length;
      expect(moved * (seats + 1)).toBeGreaterThan(9_000);
      expect(moved * (seats + 1)).toBeLessThan(11_000);
    }
  });

  test('takes keys for the same as a Map does', () => {
    const object = {};
    for (const seats of [2, 5, 64]) {
      expect(homeOf(-0, seats)).toBe(homeOf(0, seats));
      expect(homeOf(NaN, seats)).toBe(homeOf(NaN, seats));
      expect(homeOf(nameOfKey(object), seats)).toBe(homeOf(nameOfKey(object), seats));
    }
    for (const [a, b] of [
      [1, '1'],
      [null, 'null'],
      [1n, 1],
      [{}, {}],
      [true, 'true'],
      [Symbol('a'), 'Symbol(a)'],
    ])
      expect(areApart(a, b)).toBe(true);
  });
});

describe('parallel with key', () => {
  test('items of a key run on one thread, in their order, and the state tells all that came before', async () => {
    const results = await all(fromIterable(rounds(100)).pipe(on(remember)));
    expect(results.length).toBe(100 * KEYS.length);
    for (const [key, items] of byKey(results)) {
      expect(items.map(({ n }) => n)).toEqual(items.map((_, i) => i));
      for (const { n, seen, thread, told } of items) {
        expect(seen).toEqual(Array.from({ length: n }, (_, i) => i));
        expect([thread, told]).toEqual([homeOf(key, THREADS), key]);
      }
    }
  });

  test('different keys run side by side', async () => {
    const cells = makeCells();
    const keys = [0, 1, 2].map((thread) => keyAt(thread, THREADS));
    const items = keys.map((key): Keyed => ({ key, n: 0, act: 'wait', cells }));
    const probe = new Probe<unknown>().subscribe(fromIterable(items).pipe(on(remember)));
    await until(() => cells[BEGUN] === 3);
    openCells(cells);
    expect((await probe.untilEnded()).values.length).toBe(3);
  });

  test('one after the other runs what has the same key, though other threads have nothing to do', async () => {
    const cells = makeCells();
    const items = [0, 1, 2].map((n): Keyed => ({ key: 'same', n, act: 'wait', cells }));
    const probe = new Probe<unknown>().subscribe(fromIterable(items).pipe(on(remember)));
    await until(() => cells[BEGUN] === 1);
    await new Promise((resolve) => void setTimeout(resolve, 100));
    expect(cells[BEGUN]).toBe(1);
    openCells(cells);
    expect((await probe.untilEnded()).values.length).toBe(3);
  });

  test('the order of a key holds whatever the items take, and in input order that of all', async () => {
    const item = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), ms: fc.constantFrom(0, 0, 0, 1, 2) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 60 }),
        fc.constantFrom('completion' as const, 'input' as const),
        fc.constantFrom(1, 3, 512),
        async (given, order, maxBatch) => {
          const items = given.map((it, n) => ({ ...it, n }));
          const results = await all(fromIterable(items).pipe(on(slow, { order, maxBatch })));
          expect(results.length).toBe(items.length);
          if (order === 'input') expect(results.map(({ n }) => n)).toEqual(items.map(({ n }) => n));
          for (const [key, own] of byKey(results)) {
            expect(own.map(({ n }) => n)).toEqual(own.map(({ n }) => n).toSorted((a, b) => a - b));
            expect(new Set(own.map(({ thread }) => thread))).toEqual(new Set([homeOf(key, THREADS)]));
          }
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);

  test('tasks keep their states apart, and flows on one pool share them', async () => {
    const own = new ThreadPool({ threads: 1 });
    const keyed = { threads: own, key: ({ key }: Keyed) => key };
    await all(fromIterable(rounds(3, ['k'])).pipe(parallel(remember, keyed)));
    const apart = await all(fromIterable(rounds(2, ['k'])).pipe(parallel(rememberApart, keyed)));
    expect(apart.map(({ count }) => count)).toEqual([1, 2]);
    const [again] = await all(fromIterable(rounds(1, ['k'])).pipe(parallel(remember, keyed)));
    expect(again?.seen).toEqual([0, 1, 2]);
    await own.close();
  });

  test('forget lets go of the state of the key alone', async () => {
    const items: Keyed[] = [
      { key: 'x', n: 0 },
      { key: 'y', n: 0 },
      { key: 'x', n: 1, act: 'forget' },
      { key: 'x', n: 2 },
      { key: 'y', n: 1 },
    ];
    const own = new ThreadPool({ threads: 1 });
    const results = await all(
      fromIterable(items).pipe(parallel(remember, { threads: own, key: ({ key }) => key, order: 'input' })),
    );
    expect(results.map(({ seen }) => seen)).toEqual([[], [], [0], [], [0]]);
    await own.close();
  });

  test('without key the state is the task’s, one for each thread', async () => {
    const own = new ThreadPool({ threads: 1 });
    const results = await all(
      fromIterable(rounds(2, ['p', 'q'])).pipe(parallel(remember, { threads: own, order: 'input' })),
    );
    expect(results.map(({ seen }) => seen.length)).toEqual([0, 1, 2, 3]);
    await own.close();
  });

  test('an object is a key by its identity, and keeps its state from one batch to the next', async () => {
    const keys = [{ id: 1 }, { id: 1 }];
    const items = Array.from({ length: 20 }, (_, n) => ({ key: `${n % 2}`, n }));
    const results = await all(
      fromIterable(items).pipe(
        parallel(rememberApart, { threads: pool, maxBatch: 1, order: 'input', key: ({ n }) => keys[n % 2] }),
      ),
    );
    expect(results.map(({ count }) => count)).toEqual(items.map(({ n }) => (n >> 1) + 1));
  });

  test('a key that cannot be sent is known to the thread by a name', async () => {
    const symbol = Symbol('tenant');
    const results = await all(fromIterable([1, 2]).pipe(parallel(keyText, { threads: pool, key: () => symbol })));
    expect(results.map(({ text }) => text)).toEqual(['symbol Symbol(tenant)', 'symbol Symbol(tenant)']);
    expect(new Set(results.map(({ thread }) => thread)).size).toBe(1);
  });

  test('a key function that throws fails the item', async () => {
    const error = new Error('no key');
    const key = ({ n }: Keyed): string => {
      if (n === 1) throw error;
      return 'k';
    };
    const probe = new Probe<{ n: number }>();
    probe.subscribe(fromIterable(rounds(3, ['k'])).pipe(parallel(remember, { threads: pool, key, onError: 'skip' })));
    await probe.untilEnded();
    expect([probe.ended, probe.values.map(({ n }) => n)]).toEqual(['completed', [0, 2]]);
    const failing = new Probe<unknown>();
    failing.subscribe(fromIterable(rounds(3, ['k'])).pipe(parallel(remember, { threads: pool, key })));
    expect((await failing.untilEnded()).error).toBe(error);
  });
});

describe('onMove', () => {
  test('a thread that died: its keys begin anew, the others do not, and the order of each holds', async () => {
    const own = new ThreadPool({ threads: 2 });
    const [dying, living] = [keyAt(0, 2), keyAt(1, 2)];
    const moves: Move[] = [];
    const items: Keyed[] = [];
    for (let n = 0; n < 40; n++) {
      items.push({ key: dying, n, ...(n === 20 ? { act: 'exit' as const } : {}) }, { key: living, n });
    }
    const results = await all(
      fromIterable(items).pipe(
        parallel(remember, { threads: own, key: ({ key }) => key, onMove: (move) => moves.push(move), maxBatch: 4 }),
      ),
    );
    expect(moves.map(({ thread, reason, affects }) => [thread, reason, affects(dying), affects(living)])).toEqual([
      [0, 'crashed', true, false],
    ]);
    const grouped = byKey(results);
    for (const ofKey of grouped.values())
      expect(ofKey.map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(grouped.get(living)!.at(-1)!.seen.length).toBe(39);
    // Results that were lost with the thread are made again, so it begins anew with the one that it died of, or before it.
    const again = grouped.get(dying)!.filter(({ seen }) => seen.length === 0);
    expect([again.length, again[1]!.n <= 20, own.restarts]).toEqual([2, true, 1]);
    await own.close();
  });

  test('a thread that is replaced after so many items: nothing is lost, and the order of each key holds', async () => {
    const own = new ThreadPool({ threads: 2, maxTasksPerThread: 30 });
    const moves: Move[] = [];
    const results = await all(
      fromIterable(rounds(20)).pipe(
        parallel(remember, { threads: own, key: ({ key }) => key, onMove: (move) => moves.push(move) }),
      ),
    );
    expect(moves.length).toBeGreaterThanOrEqual(2);
    expect(new Set(moves.map(({ reason }) => reason))).toEqual(new Set(['recycled']));
    for (const { thread, affects } of moves) {
      expect(KEYS.filter(affects)).toEqual(KEYS.filter((key) => homeOf(key, 2) === thread));
    }
    const grouped = byKey(results);
    expect([...grouped.keys()].toSorted()).toEqual(KEYS);
    for (const items of grouped.values()) expect(items.map(({ n }) => n)).toEqual(items.map((_, i) => i));
    expect(results.length).toBe(20 * KEYS.length);
    await own.close();
  });

  test('a thread that dies while its keys wait for another home: what it died of runs first there', async () => {
    const own = new ThreadPool({ threads: 2 });
    const [other, key] = [keyAt(0, 2), keyAt(1, 2)];
    const cells = makeCells();
    const source = new Subject<Keyed>();
    const probe = new Probe<{ key: string; n: number; seen: number[] }>().subscribe(
      source.pipe(parallel(remember, { threads: own, key: (it) => it.key })),
    );
    // The thread that the key moves to is there already.
    source.next({ key: other, n: 0 });
    await until(() => probe.values.length === 1);
    source.next({ key, n: 0, act: 'waitAndExit', cells });
    source.next({ key, n: 1 });
    await until(() => cells[BEGUN] === 1);
    own.resize(1);
    openCells(cells);
    await until(() => probe.values.length === 3);
    expect(probe.values.slice(1).map(({ n, seen }) => [n, seen])).toEqual([
      [0, []],
      [1, [0]],
    ]);
    await own.close();
  });

  test.each([
    [2, 3],
    [3, 2],
    [3, 1],
  ])(
    'a pool of %i that is made one of %i: few keys move, and each only when its items in hand are done',
    async (from, to) => {
      const own = new ThreadPool({ threads: from });
      const moves: Move[] = [];
      const cells = makeCells();
      const source = new Subject<Keyed>();
      type Remembered = { key: string; n: number; seen: number[]; thread: number };
      const probe = new Probe<Remembered>().subscribe(
        source.pipe(
          parallel(remember, {
            threads: own,
            key: ({ key }) => key,
            onMove: (move) => moves.push(move),
            overflowLimit: 1e6,
          }),
        ),
      );
      for (const key of KEYS) source.next({ key, n: 0, act: 'wait', cells });
      for (const key of KEYS) source.next({ key, n: 1 });
      await until(() => cells[BEGUN]! > 0);
      own.resize(to);
      for (const key of KEYS) source.next({ key, n: 2 });
      openCells(cells);
      await until(() => probe.values.length === 3 * KEYS.length);
      for (const key of KEYS) source.next({ key, n: 3 });
      source.complete();
      await probe.untilEnded();
      const moved = KEYS.filter((key) => homeOf(key, from) !== homeOf(key, to));
      for (const [key, items] of byKey(probe.values)) {
        expect(items.map(({ n }) => n)).toEqual([0, 1, 2, 3]);
        expect(items[3]!.thread).toBe(homeOf(key, to));
        if (!moved.includes(key)) expect(items[3]!.seen).toEqual([0, 1, 2]);
      }
      expect(new Set(moves.map(({ reason }) => reason))).toEqual(new Set(['resized']));
      expect(KEYS.filter((key) => moves.some(({ affects }) => affects(key)))).toEqual(moved);
      await own.close();
    },
  );
});
