import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  config,
  defer,
  firstValueFrom,
  lastValueFrom,
  map,
  of,
  take,
  toArray,
} from 'rxjs';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { run, type FlowObserver } from 'sluice';
import { parallel, task, ThreadPool, type ParallelOptions, type Task } from 'sluice/parallel';
import { DeadLetterError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import type { DeadLetter, Result } from '../../src/core/options.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { Probe } from './Probe.ts';
import { BEGUN, MADE, makeCells, openCells } from './tasks/cells.ts';
import {
  double,
  doubleLater,
  evenOnly,
  evenOnlyLater,
  hold,
  holdSome,
  type OddError,
  same,
  shaped,
  spin,
  thenable,
  throws,
  told,
} from './tasks/plain.task.ts';
import { quiet, until } from './until.ts';

const THREADS = 2;
/** Shared by nearly all tests, since a thread takes a while to start. */
const pool = new ThreadPool({ threads: THREADS });
afterAll(() => pool.close());

afterEach(() => {
  vi.restoreAllMocks();
  config.onUnhandledError = null;
});

/** `parallel` on the shared threads. */
function on<T, R>(work: Task<T, R>, options: ParallelOptions<T> = {}) {
  return parallel(work, { threads: pool, ...options });
}

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const inOrder = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

describe('parallel', () => {
  test('many items: every one gives its result, once', async () => {
    const results = await all(fromIterable(numbers(5_000)).pipe(on(double)));
    expect(inOrder(results)).toEqual(numbers(5_000).map((n) => n * 2));
  });

  test('runs as many items at once as there are threads', async () => {
    const cells = makeCells();
    const probe = new Probe<number>().subscribe(
      of(0, 1, 2, 3).pipe(
        map((n) => ({ cells, n })),
        on(hold),
      ),
    );
    await until(() => cells[BEGUN]! >= THREADS);
    await quiet();
    expect([cells[BEGUN], probe.values]).toEqual([THREADS, []]);
    openCells(cells);
    await probe.untilEnded();
    expect(inOrder(probe.values)).toEqual([0, 1, 2, 3]);
  });

  test('lets results out as they come, by default', async () => {
    const cells = makeCells();
    const items = numbers(4).map((n) => ({ cells, n, held: n === 0 }));
    const probe = new Probe<number>().subscribe(of(...items).pipe(on(holdSome, { maxBatch: 1 })));
    await until(() => probe.values.length === 3);
    expect(inOrder(probe.values)).toEqual([1, 2, 3]);
    openCells(cells);
    await probe.untilEnded();
    expect(probe.values.at(-1)).toBe(0);
  });

  test("keeps them in the order of the items with order: 'input'", async () => {
    const cells = makeCells();
    const items = numbers(4).map((n) => ({ cells, n, held: n === 0 }));
    const probe = new Probe<number>().subscribe(of(...items).pipe(on(holdSome, { order: 'input', maxBatch: 1 })));
    await until(() => cells[MADE] === 3);
    await quiet();
    expect(probe.values).toEqual([]);
    openCells(cells);
    await probe.untilEnded();
    expect(probe.values).toEqual([0, 1, 2, 3]);
  });

  test('R-01: starts no thread, and subscribes to nothing, before it is subscribed', async () => {
    const own = new ThreadPool({ threads: 1 });
    const source = vi.fn(() => of(1));
    defer(source).pipe(parallel(double, { threads: own }));
    await quiet();
    expect([source.mock.calls.length, own.running]).toEqual([0, 0]);
    await own.close();
  });

  test('R-03: an empty source completes at once, and starts no thread', async () => {
    const own = new ThreadPool({ threads: 1 });
    const probe = new Probe<number>().subscribe(EMPTY.pipe(parallel(double, { threads: own })));
    expect([probe.values, probe.ended, own.running]).toEqual([[], 'completed', 0]);
    await own.close();
  });

  test('R-04: a source that says nothing, until it is unsubscribed', async () => {
    const own = new ThreadPool({ threads: 1 });
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(source.pipe(parallel(double, { threads: own })));
    const never = new Probe<number>().subscribe(NEVER.pipe(parallel(double, { threads: own })));
    await quiet();
    expect([probe.ended, never.ended, own.running]).toEqual([undefined, undefined, 0]);
    probe.unsubscribe();
    never.unsubscribe();
    expect([source.observed, probe.isClosed, never.isClosed]).toEqual([false, true, true]);
    await own.close();
  });

  test('R-05: two subscriptions know nothing of each other, and one may follow the other', async () => {
    const results$ = of(1, 2, 3).pipe(
      on(told, { order: 'input' }),
      map(({ item, index }) => [item, index]),
    );
    const expected = [1, 2, 3].map((n, i) => [n, i]);
    expect(await Promise.all([all(results$), all(results$)])).toEqual([expected, expected]);
    expect(await all(results$)).toEqual(expected);
  });

  test('R-06: false values pass as items and as results', async () => {
    const odd = [undefined, null, 0, -0, '', NaN, false, 0n];
    for (const order of ['completion', 'input'] as const) {
      const probe = await new Probe<unknown>().subscribe(fromIterable(odd).pipe(on(same, { order }))).untilEnded();
      expect(probe.values.length).toBe(odd.length);
      if (order === 'input') probe.values.forEach((value, i) => expect(value).toBe(odd[i]));
      else expect(new Set(probe.values)).toEqual(new Set(odd));
    }
  });

  test('R-07: completes only when everything in flight has left', async () => {
    const cells = makeCells();
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(
      source.pipe(
        map((n) => ({ cells, n })),
        on(hold),
      ),
    );
    for (const n of numbers(5)) source.next(n);
    source.complete();
    await until(() => cells[BEGUN] === THREADS);
    expect(probe.ended).toBeUndefined();
    openCells(cells);
    await probe.untilEnded();
    expect([inOrder(probe.values), probe.ended]).toEqual([numbers(5), 'completed']);
  });

  test('G6: the error of the source passes at once, and what runs is given up', async () => {
    const cells = makeCells();
    const source = new Subject<number>();
    const error = new Error('source');
    const probe = new Probe<number>().subscribe(
      source.pipe(
        map((n) => ({ cells, n })),
        on(hold),
      ),
    );
    source.next(0);
    await until(() => cells[BEGUN] === 1);
    source.error(error);
    expect([probe.ended, probe.error]).toEqual(['failed', error]);
    openCells(cells);
    await quiet();
    expect(probe.values).toEqual([]);
  });

  test('R-23: a synchronous source stops when take has enough', async () => {
    let closed = false;
    const source = fromIterable(function* () {
      try {
        yield* naturals();
      } finally {
        closed = true;
      }
    });
    expect(await all(source.pipe(on(double, { order: 'input' }), take(3)))).toEqual([0, 2, 4]);
    expect(closed).toBe(true);
  });

  test('R-23: a synchronous source that cannot stop is listened to no more', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    let made = 0;
    const deaf = new Observable<number>((subscriber) => {
      while (made < 1_000) subscriber.next(made++);
    });
    expect(await all(deaf.pipe(on(double, { order: 'input' }), take(3)))).toEqual([0, 2, 4]);
    expect(made).toBe(1_000);
    expect(warn).toHaveBeenCalledOnce();
  });

  test('R-20: what the consumer sends back into the source goes through, too', async () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n < 8) source.next(n);
      else if (n < 16) source.complete();
    };
    probe.subscribe(source.pipe(on(double)));
    source.next(1);
    await probe.untilEnded();
    expect([probe.values, probe.ended]).toEqual([[2, 4, 8], 'completed']);
  });

  test('R-21: a consumer may close its gate, open it, and unsubscribe, within a value', async () => {
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      probe.close();
      if (n < 3) setTimeout(() => probe.open(), 1);
      else probe.unsubscribe();
    };
    probe.subscribe(fromIterable(naturals()).pipe(on(same, { order: 'input' }), map(Number)));
    await until(() => probe.isClosed);
    await quiet();
    expect(probe.values).toEqual([0, 1, 2, 3]);
  });

  test('R-34: a consumer that throws is reported as RxJS does, and the flow goes on', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const seen: number[] = [];
    let isDone = false;
    fromIterable([1, 2])
      .pipe(on(double, { order: 'input' }))
      .subscribe({
        next: (n) => {
          seen.push(n);
          throw new Error(`consumer of ${n}`);
        },
        complete: () => (isDone = true),
      });
    await until(() => isDone && reported.length === 2);
    expect([seen, reported.map(String)]).toEqual([
      [2, 4],
      ['Error: consumer of 2', 'Error: consumer of 4'],
    ]);
  });

  test('runs tasks of several stages, modules and subscriptions on the same threads', async () => {
    const chain$ = fromIterable(numbers(300)).pipe(
      on(double, { name: 'a' }),
      on(told, { name: 'b' }),
      on(same, { name: 'c' }),
    );
    const seen = (await Promise.all([all(chain$), all(chain$)])) as { stage: string; item: number }[][];
    for (const results of seen) {
      expect(new Set(results.map(({ stage }) => stage))).toEqual(new Set(['b']));
      expect(inOrder(results.map(({ item }) => item))).toEqual(numbers(300).map((n) => n * 2));
    }
    expect(pool.running).toBeLessThanOrEqual(THREADS);
  });
});

describe('the gate below', () => {
  test.each(['completion', 'input'] as const)(
    'R-10: while it is closed no more is taken than some batches, and then everything comes (%s)',
    async (order) => {
      const source = new ProbeSource(numbers(50_000));
      const probe = new Probe<number>();
      probe.close();
      probe.subscribe(source.items$.pipe(on(double, { order })));
      await quiet();
      const taken = source.produced;
      await quiet();
      expect(source.produced).toBe(taken);
      expect(taken).toBeLessThan(500);
      expect([probe.values, source.producedWhileClosed]).toEqual([[], 0]);
      probe.open();
      await probe.untilEnded();
      expect(order === 'input' ? probe.values : inOrder(probe.values)).toEqual(numbers(50_000).map((n) => n * 2));
      expect(source.producedWhileClosed).toBe(0);
    },
    30_000,
  );

  test('G5: while it is closed nothing begins, not even what has been taken', async () => {
    const cells = makeCells(true);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(
      fromIterable(numbers(100)).pipe(
        map((n) => ({ cells, n })),
        on(hold),
      ),
    );
    await quiet();
    expect(cells[BEGUN]).toBe(0);
    probe.open();
    await probe.untilEnded();
    expect([cells[BEGUN], probe.values.length]).toEqual([100, 100]);
  });

  test('R-10: with capacity and concurrency, no more is held than they say, at every step', async () => {
    for (const order of ['completion', 'input'] as const) {
      const source = new ProbeSource(numbers(500));
      const probe = new Probe<number>();
      const bound = 3 + 4;
      let most = 0;
      probe.onNext = () => {
        most = Math.max(most, source.produced - probe.values.length);
        if (probe.values.length % 50 === 0) {
          probe.close();
          setTimeout(() => probe.open(), 1);
        }
      };
      probe.subscribe(source.items$.pipe(on(doubleLater, { concurrency: 3, capacity: 4, order })));
      expect(source.produced).toBe(bound);
      await probe.untilEnded();
      expect(probe.values.length).toBe(500);
      // The one that is being delivered has left the stage.
      expect(most).toBeLessThanOrEqual(bound + 1);
    }
  });

  test('R-12: opened, closed and opened again before a thread could be given anything, it loses nothing', async () => {
    for (const options of [{}, { order: 'input' as const }, { concurrency: 1, capacity: 0 }]) {
      const probe = new Probe<number>();
      probe.close();
      probe.subscribe(fromIterable([1, 2, 3]).pipe(on(double, options)));
      probe.open();
      probe.close();
      await quiet();
      expect(probe.values).toEqual([]);
      probe.open();
      await probe.untilEnded();
      expect(inOrder(probe.values)).toEqual([2, 4, 6]);
    }
  });

  test('R-15: an error passes the closed gate at once, and the end of nothing, too', () => {
    const [failing, empty] = [new Subject<number>(), new Subject<number>()];
    const probes = [failing, empty].map((source) => {
      const probe = new Probe<number>();
      probe.close();
      return probe.subscribe(source.pipe(on(double)));
    });
    failing.next(1);
    failing.error('no');
    empty.complete();
    expect(probes.map((probe) => [probe.ended, probe.error])).toEqual([
      ['failed', 'no'],
      ['completed', undefined],
    ]);
  });

  test('R-16: is seen through a chain of stages on the same threads', async () => {
    const source = new ProbeSource(numbers(20_000));
    const probe = new Probe<number>();
    probe.close();
    const bounded = { concurrency: 4, capacity: 4 };
    probe.subscribe(source.items$.pipe(on(double, bounded), on(double, bounded), on(double, bounded)));
    await until(() => source.produced >= 24);
    await quiet();
    expect([source.produced, source.producedWhileClosed]).toEqual([24, 0]);
    probe.unsubscribe();
    expect(source.isSubscribed).toBe(false);
  });

  test('a result that arrives while it is closed waits, and is not lost', async () => {
    const cells = makeCells();
    const probe = new Probe<number>();
    probe.subscribe(
      of(0, 1).pipe(
        map((n) => ({ cells, n })),
        on(hold, { order: 'input' }),
      ),
    );
    await until(() => cells[BEGUN] === 2);
    probe.close();
    openCells(cells);
    await until(() => cells[MADE] === 2);
    await quiet();
    expect([probe.values, probe.ended]).toEqual([[], undefined]);
    probe.allow(1);
    expect([probe.values, probe.ended]).toEqual([[0], undefined]);
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[0, 1], 'completed']);
  });
});

describe('a task that fails', () => {
  test.each([
    ['thrown', evenOnly],
    ['rejected', evenOnlyLater],
  ])('R-30: ends the flow with the error, %s, whole', async (_, work) => {
    const source = new ProbeSource([0, 2, 3, 4]);
    const probe = await new Probe<number>().subscribe(source.items$.pipe(on(work, { order: 'input' }))).untilEnded();
    expect([probe.ended, source.isSubscribed]).toEqual(['failed', false]);
    expect(probe.error).toBeInstanceOf(RangeError);
    expect(probe.error).toMatchObject({ name: 'OddError', message: '3 is odd', code: 'ERR_ODD', n: 3 });
    expect((probe.error as OddError).stack).toMatch(/plain[.]task[.]js/);
    expect((probe.error as OddError).cause).toEqual(new Error('an even one was expected'));
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['zero', 0],
    ['text', 'text'],
    ['object', { a: 1 }],
    ['aggregate', new AggregateError([new TypeError('one'), 'two'], 'several')],
  ])('R-33: %s arrives as it was thrown', async (what, value) => {
    const probe = await new Probe<unknown>().subscribe(of(what).pipe(on(throws))).untilEnded();
    expect([probe.values, probe.ended]).toEqual([[], 'failed']);
    expect(probe.error).toEqual(value);
    if (value instanceof AggregateError) {
      expect((probe.error as AggregateError).errors.map(String)).toEqual(['TypeError: one', 'two']);
    }
  });

  test("R-36: onError 'skip' leaves it out and counts it", async () => {
    const { stages } = await run(fromIterable(numbers(101)).pipe(on(evenOnly, { onError: 'skip' }))).done;
    expect(stages.at(-1)).toMatchObject({ in: 101, completed: 51, failed: 50, out: 51, held: 0 });
  });

  test("R-36: onError 'emit' makes a value of it, with its item", async () => {
    const results$ = fromIterable(numbers(4)).pipe(
      parallel(evenOnly, { threads: pool, onError: 'emit', order: 'input' }),
    );
    const seen = await all<Result<number, number>>(results$);
    expect(seen.map((it) => (it.ok ? it.value : `${it.item}: ${String(it.error)}`))).toEqual([
      0,
      '1: OddError: 1 is odd',
      2,
      '3: OddError: 3 is odd',
    ]);
  });

  test('R-36: a dead letter gets the item, the error, how often it was tried, and where', async () => {
    const letters: DeadLetter<number>[] = [];
    const results = await all(
      fromIterable(numbers(6)).pipe(
        on(evenOnly, { name: 'evens', onError: { deadLetter: (letter) => void letters.push(letter) } }),
      ),
    );
    expect(inOrder(results)).toEqual([0, 2, 4]);
    const byItem = letters.toSorted((a, b) => a.item - b.item);
    expect(byItem.map(({ item, attempts, stage }) => ({ item, attempts, stage }))).toEqual(
      [1, 3, 5].map((item) => ({ item, attempts: 1, stage: 'evens' })),
    );
    expect(letters.every(({ item, error }) => (error as OddError).n === item)).toBe(true);
  });

  test('R-36: a dead letter that fails stops the flow', async () => {
    // Others may fail while the flow ends.
    vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const probe = await new Probe<number>()
      .subscribe(
        fromIterable(numbers(6)).pipe(
          on(evenOnly, { onError: { deadLetter: () => Promise.reject(new Error('full')) } }),
        ),
      )
      .untilEnded();
    expect(probe.error).toBeInstanceOf(DeadLetterError);
  });

  test('R-31: results that were there before an error leave before it, in input order', async () => {
    const source = new ProbeSource([0, 2, 4, 5, 6]);
    const one = { concurrency: 1, capacity: 0, order: 'input' } as const;
    const probe = await new Probe<number>().subscribe(source.items$.pipe(on(evenOnly, one))).untilEnded();
    expect([probe.values, probe.ended, source.produced]).toEqual([[0, 2, 4], 'failed', 4]);
  });

  test('R-31: an error is not kept until slower items before it are done', async () => {
    const cells = makeCells();
    const slow = { cells, n: 0, held: true };
    const bad = { cells, n: 1, held: false, fn: () => {} };
    const probe = await new Probe<number>()
      .subscribe(of(slow, bad).pipe(on(holdSome, { order: 'input', maxBatch: 1 })))
      .untilEnded();
    expect([probe.values, (probe.error as Error).name]).toEqual([[], 'NotCloneableError']);
    openCells(cells);
  });

  test('R-32: what fails after the end is not lost, and no unhandled rejection', async () => {
    const late = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const cells = makeCells();
    const items = numbers(2).map((n) => ({ cells, n: n * 2, held: true }));
    const probe = new Probe<number>().subscribe(of(...items).pipe(on(holdSome)));
    await until(() => cells[BEGUN] === 2);
    probe.unsubscribe();
    openCells(cells);
    await quiet();
    // They ended well, so that there is nothing to report. Items of flows before this one may end only now.
    expect(late.mock.calls.filter(([, stage]) => stage === 'holdSome')).toEqual([]);
    expect(probe.values).toEqual([]);
  });

  test('leaves the threads as they are: the next flow uses them', async () => {
    const restarts = pool.restarts;
    await new Probe<number>().subscribe(of(1).pipe(on(evenOnly))).untilEnded();
    expect(await all(of(2, 4).pipe(on(evenOnly, { order: 'input' })))).toEqual([2, 4]);
    expect(pool.restarts).toBe(restarts);
  });
});

describe('what a task gives back', () => {
  test('a promise gives its value, that of another library, too', async () => {
    expect(await all(of(1, 2).pipe(on(doubleLater, { order: 'input' })))).toEqual([2, 4]);
    expect(await all(of(1, 2).pipe(on(thenable, { order: 'input' })))).toEqual([1, 2]);
  });

  test.each([
    ['array', [1, 2]],
    ['text', 'text'],
    ['map', new Map([[1, 2]])],
    ['set', new Set([1, 2])],
    ['bytes', new Uint8Array([1, 2])],
    ['object', { a: [1] }],
  ])('%s is one value', async (shape, value) => {
    expect(await all(of(shape).pipe(on(shaped)))).toEqual([value]);
  });
});

describe('what a task is told', () => {
  test('the place of the item, the try, the thread, the stage', async () => {
    const seen = await all(of('a', 'b', 'c').pipe(on(told, { name: 'letters', order: 'input' })));
    expect(
      seen.map(({ item, index, attempt, stage, key, aborted }) => [item, index, attempt, stage, key, aborted]),
    ).toEqual([
      ['a', 0, 1, 'letters', undefined, false],
      ['b', 1, 1, 'letters', undefined, false],
      ['c', 2, 1, 'letters', undefined, false],
    ]);
    for (const { thread } of seen) expect([0, 1]).toContain(thread);
  });

  test('the index is right in batches, also where items of them have been skipped', async () => {
    const seen = await all(fromIterable(numbers(3_000)).pipe(on(told)));
    for (const { item, index } of seen) expect(index).toBe(item);
    expect(seen.length).toBe(3_000);
  });

  test('the stage is called like the task, unless it has a name', async () => {
    const [first] = await all(of(0).pipe(on(told)));
    expect(first?.stage).toBe('told');
  });
});

describe('concurrency', () => {
  test('bounds how many are at the threads or in line for them', async () => {
    const cells = makeCells();
    const items = numbers(6).map((n) => ({ cells, n }));
    const probe = new Probe<number>().subscribe(fromIterable(items).pipe(on(hold, { concurrency: 1, capacity: 0 })));
    await until(() => cells[BEGUN] === 1);
    await quiet();
    expect(cells[BEGUN]).toBe(1);
    openCells(cells);
    expect((await probe.untilEnded()).values).toEqual(numbers(6));
  });

  test('an Observable changes it as the stage runs, and 0 pauses', async () => {
    const limits = new Subject<number>();
    const source = new ProbeSource(numbers(1_000));
    const probe = new Probe<number>().subscribe(
      source.items$.pipe(on(double, { concurrency: limits, capacity: 1, order: 'input' })),
    );
    limits.next(0);
    await quiet();
    const before = probe.values.length;
    await quiet();
    expect(probe.values.length).toBe(before);
    expect(before).toBeLessThan(1_000);
    limits.next(8);
    await probe.untilEnded();
    expect(probe.values).toEqual(numbers(1_000).map((n) => n * 2));
  });

  test('an Observable that gives something else fails the stage', async () => {
    const limits = new Subject<number>();
    const probe = new Probe<number>().subscribe(NEVER.pipe(on(double, { concurrency: limits })));
    limits.next(NaN);
    expect(probe.error).toMatchObject({ name: 'RangeError', option: 'concurrency', code: 'ERR_OUT_OF_RANGE' });
  });
});

describe('in a flow that is run', () => {
  test('the report names as many at once as there are threads, and shares that are plausible', async () => {
    const items = numbers(60).map((n) => ({ ms: 3, n }));
    // Both threads are there, so that the time counts in which they work.
    await all(fromIterable(items.slice(0, 4)).pipe(on(spin)));
    const report = await run(fromIterable(items).pipe(on(spin, { name: 'spin' }))).done;
    const stage = report.stages.find(({ name }) => name === 'spin')!;
    expect(stage).toMatchObject({ in: 60, out: 60, completed: 60, failed: 0, held: 0, abandoned: 0 });
    expect(stage.concurrency).toBe(THREADS);
    const { busy, idle, heldBack, p50, p99 } = stage;
    expect(busy + idle + heldBack).toBeGreaterThan(report.elapsed * 0.8);
    expect(busy + idle + heldBack).toBeLessThanOrEqual(report.elapsed + 1);
    // 60 × 3 ms on two threads, and never less than that.
    expect(busy).toBeGreaterThanOrEqual(80);
    expect(heldBack).toBeLessThan(busy);
    expect(p50).toBeGreaterThan(2);
    expect(p99).toBeGreaterThanOrEqual(p50!);
  });

  test('quantiles are of items, not of batches, and batches are of many', async () => {
    let buckets: Readonly<Uint32Array> | undefined;
    const telemetry: FlowObserver = {
      begin: (flow) => ({
        start: (subscribe) => subscribe(),
        around: (_, begin) => {
          begin();
          return undefined;
        },
        traceparent: () => undefined,
        end: () => (buckets = flow.durations('quick')),
      }),
    };
    await run(fromIterable(numbers(2_000)).pipe(on(double, { name: 'quick' })), { telemetry }).done;
    expect(buckets?.reduce((sum, count) => sum + count, 0)).toBe(2_000);
  });

  test('the report says how long items waited, in line for a thread too', async () => {
    // The second comes while the first is in line.
    const report = await run(fromIterable([1, 2]).pipe(on(double, { name: 'work' }))).done;
    expect(report.stages.find(({ name }) => name === 'work')!.waited).toBeGreaterThan(0);
    const lone = await run(fromIterable([1]).pipe(on(double, { name: 'work' }))).done;
    expect(lone.stages.find(({ name }) => name === 'work')!.waited).toBe(0);
  });

  test('a stage without work is idle', async () => {
    const source = new Subject<number>();
    const running = run(source.pipe(on(double, { name: 'idle' })));
    source.next(1);
    await until(() => running.stats().results === 1);
    await quiet();
    source.complete();
    const report = await running.done;
    const stage = report.stages.find(({ name }) => name === 'idle')!;
    expect(stage.busy).toBeLessThan(report.elapsed * 0.5);
    expect(stage.idle).toBeGreaterThan(report.elapsed * 0.5);
  });

  test('a flow that quits finishes what is at the threads', async () => {
    const cells = makeCells();
    const source = new Subject<number>();
    const running = run(
      source.pipe(
        map((n) => ({ cells, n })),
        on(hold),
      ),
    );
    for (const n of numbers(4)) source.next(n);
    await until(() => cells[BEGUN] === THREADS);
    const done = running.shutdown();
    openCells(cells);
    expect(await done).toMatchObject({ ended: 'quit', results: 4, abandoned: 0 });
  });

  test('a flow that is aborted counts what was lost', async () => {
    const cells = makeCells();
    const running = run(
      of(0, 1, 2, 3).pipe(
        map((n) => ({ cells, n })),
        on(hold),
      ),
    );
    await until(() => cells[BEGUN] === THREADS);
    running.abort();
    openCells(cells);
    expect(await running.done).toMatchObject({ ended: 'aborted', results: 0, abandoned: 4 });
  });

  test('R-55: a stage counts every item that came in, once, at every step', async () => {
    const flow = new TestFlow();
    const probe = new Probe<unknown>(flow);
    probe.onNext = () => {
      flow.check();
      if (probe.values.length % 7 === 0) {
        probe.close();
        setTimeout(() => probe.open(), 1);
      }
    };
    probe.subscribe(fromIterable(numbers(200)).pipe(on(evenOnly, { onError: 'skip', order: 'input' })));
    await probe.untilEnded();
    expect(flow.node('evenOnly').telemetry).toMatchObject({ in: 200, completed: 100, failed: 100, abandoned: 0 });
    expect(flow.live.size).toBe(0);
  });
});

describe('task', () => {
  test('keeps the function callable where it is', async () => {
    expect(double.fn(4, undefined as never)).toBe(8);
    // Its module is one of those that threads of tests import compiled.
    const compiled = new URL('../../out/tests/test/parallel/tasks/plain.task.js', import.meta.url);
    expect([double.name, double.url]).toEqual(['double', compiled.href]);
    expect(Object.isFrozen(double)).toBe(true);
  });

  test('may be declared again where a module is evaluated again', () => {
    const again = task(double.url, 'double', (n: number) => n * 2);
    expect(again).toEqual({ ...again, url: double.url, name: 'double' });
    // What counts for threads is what they import.
    expect(task(double.url, 'double', double.fn).fn).toBe(double.fn);
  });

  test('a URL with a query is the same module', async () => {
    const stamped = task(`${double.url}?v=2`, 'double', double.fn);
    expect(await firstValueFrom(of(21).pipe(on(stamped)))).toBe(42);
  });
});

describe('bad options', () => {
  test.each<[string, ParallelOptions<number>, string]>([
    ['threads of 0', { threads: 0 }, 'threads'],
    ['threads of a text', { threads: 'two' as 'auto' }, 'threads'],
    ['a timeout of 0', { timeout: 0 }, 'timeout'],
    ['onMove without key', { onMove: () => {} }, 'key'],
    ['a batch of too many', { maxBatch: 65_537 }, 'maxBatch'],
    ['a setting of threads with a pool', { threads: pool, env: {} }, 'env'],
    ['no pool, but its like', { threads: { size: 2 } as ThreadPool }, 'threads'],
    ['a word for transfer', { transfer: 'all' as 'auto' }, 'transfer'],
  ])('%s: refused at the call', (_, options, option) => {
    expect(thrownBy(() => parallel(double, options))).toMatchObject({ option });
  });

  test.each([
    ['the function itself', double.fn],
    ['nothing', undefined],
    ['its name', 'double'],
    ['a path', { url: double.url, name: 'double' }],
  ])('%s is no task', (_, no) => {
    expect(() => parallel(no as never)).toThrow(
      /^parallel\(\): "task" must be made by task\(import\.meta\.url, name, fn\)\. Received /,
    );
  });
});
