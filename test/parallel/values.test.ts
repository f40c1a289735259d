import { lastValueFrom, of, take, toArray, type Observable } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from 'sluice';
import {
  NotCloneableError,
  parallel,
  ThreadPool,
  WorkerCrashedError,
  type ParallelOptions,
  type Task,
} from 'sluice/parallel';
import type { Result } from '../../src/core/options.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { warnings } from './faults/warnings.ts';
import { Probe } from './Probe.ts';
import { BEGUN, MADE, makeCells, TOLD } from './tasks/cells.ts';
import {
  COUNTING,
  diesAfter,
  falsy,
  faulty,
  faultyAtEnd,
  generated,
  generatedLater,
  observed,
  pushed,
  silent,
  ticking,
  unsendable,
  type IteratorFault,
  type Wish,
} from './tasks/values.task.ts';
import { quiet, until } from './until.ts';

/** Shared by all tests, since a thread takes a while to start. */
const pool = new ThreadPool({ threads: 2 });
afterAll(() => pool.close());

function on<T, R>(work: Task<T, R>, options: ParallelOptions<T> = {}) {
  return parallel(work, { threads: pool, ...options });
}

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const wishes = (...counts: number[]): Wish[] => counts.map((count) => ({ count, cells: makeCells() }));

/** How many values have been made when no more come. */
async function madeAtRest(cells: Int32Array): Promise<number> {
  for (let before = -1; before !== cells[MADE];) {
    before = cells[MADE]!;
    await quiet();
  }
  return cells[MADE];
}

/** What may be on its way while the gate below is closed: three messages of 64, two of them under way. */
const UNDER_WAY = 3 * 64;

describe.each(Object.entries(COUNTING))('a task that gives %s', (_, work) => {
  test('gives all values, in their order', async () => {
    expect(await all(fromIterable(wishes(1_000)).pipe(on(work)))).toEqual(numbers(1_000));
  });

  test('gives those of several items, which in input order stay apart', async () => {
    const counts = [300, 0, 1, 500, 2];
    const expected = counts.flatMap(numbers);
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.onNext = () => flow.check();
    await probe
      .subscribe(fromIterable(wishes(...counts)).pipe(on(work, { order: 'input', name: 'many' })))
      .untilEnded();
    expect(probe.values).toEqual(expected);
    expect(flow.node('many').telemetry).toMatchObject({ in: 5, completed: 5, out: expected.length });
    const mixed = await all(fromIterable(wishes(...counts)).pipe(on(work)));
    expect(mixed.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
  });

  test('R-08: an item without values ends, also as the last', async () => {
    expect(await all(fromIterable(wishes(0, 0, 0)).pipe(on(work)))).toEqual([]);
  });
});

const pausable = Object.entries(COUNTING).filter(([, work]) => work !== pushed && work.name !== 'iterated');

describe.each(pausable)('a closed gate, and a task that gives %s', (_, work) => {
  test.each(['completion', 'input'] as const)(
    'R-10: the thread makes no more values until it opens (%s)',
    async (order) => {
      const [wish] = wishes(3_000);
      const probe = new Probe<number>();
      probe.allow(10);
      probe.subscribe(of(wish!).pipe(on(work, { order })));
      await until(() => probe.values.length === 10);
      const made = await madeAtRest(wish!.cells);
      // Ten that came through, and what the stages inside the task may hold.
      expect(made).toBeLessThanOrEqual(10 + UNDER_WAY + 20);
      for (let i = 2; i <= 4; i++) {
        probe.allow(100);
        await until(() => probe.values.length >= 100 * (i - 1) + 10);
      }
      expect(await madeAtRest(wish!.cells)).toBeLessThanOrEqual(310 + UNDER_WAY + 20);
      probe.open();
      await probe.untilEnded();
      expect([probe.values, probe.ended]).toEqual([numbers(3_000), 'completed']);
    },
  );

  test('R-10: in input order a thread stops whose values wait for those of another item', async () => {
    const [first, second] = wishes(2_000, 2_000);
    const probe = new Probe<number>();
    probe.allow(10);
    probe.subscribe(of(first!, second!).pipe(on(work, { order: 'input' })));
    await until(() => probe.values.length === 10);
    expect(await madeAtRest(second!.cells)).toBeLessThanOrEqual(UNDER_WAY + 64 + 20);
    probe.open();
    await probe.untilEnded();
    expect(probe.values).toEqual([...numbers(2_000), ...numbers(2_000)]);
  });

  test('R-42: is unsubscribed while the thread is held back, and the thread lives on', async () => {
    const { restarts } = pool;
    const [wish] = wishes(1e9);
    const probe = new Probe<number>();
    probe.allow(10);
    probe.subscribe(of(wish!).pipe(on(work)));
    await until(() => probe.values.length === 10);
    await quiet();
    probe.unsubscribe();
    if (work.name !== 'iteratedLater') await until(() => wish!.cells[TOLD] === 1);
    expect(await all(fromIterable(wishes(5)).pipe(on(work)))).toEqual(numbers(5));
    expect(pool.restarts).toBe(restarts);
  });
});

/** A thousand values of an item that may take 800 ms, of which the tenth has come and no more may. */
async function heldBackAtTen() {
  const wish = wishes(1_000)[0]!;
  const probe = new Probe<number>();
  probe.allow(10);
  probe.subscribe(of(wish).pipe(on(generated, { timeout: 800 })));
  await until(() => probe.values.length === 10);
  return { probe, wish };
}

describe('a task that gives many values', () => {
  test('R-06: false values pass, as many values', async () => {
    const odd = [undefined, null, 0, -0, '', NaN, false, 0n];
    const values = await all(of(odd).pipe(on(falsy)));
    expect(values.length).toBe(odd.length);
    values.forEach((value, i) => expect(value).toBe(odd[i]));
  });

  test('gives values when it has them, not only at its end', async () => {
    const [wish] = wishes(1e9);
    const values = await all(of(wish!).pipe(on(ticking), take(3)));
    expect(values).toEqual([0, 1, 2]);
  });

  test('R-23: take ends an endless generator, of which no more is asked', async () => {
    const { restarts } = pool;
    for (const work of [generated, generatedLater, observed]) {
      const [wish] = wishes(1e9);
      expect(await all(of(wish!).pipe(on(work), take(3)))).toEqual([0, 1, 2]);
      await until(() => wish!.cells[TOLD] === 1);
      expect(wish!.cells[MADE]).toBe(await madeAtRest(wish!.cells));
    }
    expect(pool.restarts).toBe(restarts);
  });

  test('R-45: an Observable that says nothing is unsubscribed with the stage', async () => {
    const [wish] = wishes(1);
    const probe = new Probe<number>().subscribe(of(wish!).pipe(on(silent)));
    await until(() => wish!.cells[BEGUN] === 1);
    probe.unsubscribe();
    await until(() => wish!.cells[TOLD] === 1);
    expect(probe.values).toEqual([]);
  });

  test.each([
    ['a generator', generated],
    ['an async generator', generatedLater],
    ['an Observable', observed],
    ['an Observable that cannot be paused', pushed],
  ])('R-30: %s that fails after some values: those come first', async (_, work) => {
    const wish: Wish = { count: 10, cells: makeCells(), failsAt: 5 };
    for (const order of ['completion', 'input'] as const) {
      const probe = await new Probe<number>().subscribe(of(wish).pipe(on(work, { order }))).untilEnded();
      expect([probe.values, String(probe.error)]).toEqual([numbers(5), 'RangeError: failed after 5']);
    }
    const results = await all<Result<number, Wish>>(of(wish).pipe(parallel(work, { threads: pool, onError: 'emit' })));
    expect(results.map((it) => (it.ok ? it.value : String(it.error)))).toEqual([
      ...numbers(5),
      'RangeError: failed after 5',
    ]);
  });

  test('R-63: a value that cannot be sent fails the item, and says where', async () => {
    const { restarts } = pool;
    const probe = await new Probe<unknown>().subscribe(fromIterable(wishes(2)).pipe(on(unsendable))).untilEnded();
    expect(probe.error).toBeInstanceOf(NotCloneableError);
    expect(probe.error).toMatchObject({ direction: 'result', index: 0, path: 'result.deep.fn', stage: 'unsendable' });
    expect(pool.restarts).toBe(restarts);
  });

  test('is not run again once it has given values: they would come twice', async () => {
    const [wish] = wishes(3);
    const probe = await new Probe<number>().subscribe(of(wish!).pipe(on(diesAfter, { retries: 5 }))).untilEnded();
    expect([probe.values, wish!.cells[BEGUN]]).toEqual([[0, 1, 2], 1]);
    expect(probe.error).toBeInstanceOf(WorkerCrashedError);
  });

  test('the time in which the thread is held back does not count for timeout', async () => {
    const { probe } = await heldBackAtTen();
    await new Promise((resolve) => void setTimeout(resolve, 1_500));
    expect(probe.ended).toBeUndefined();
    probe.open();
    await probe.untilEnded();
    expect([probe.values.length, probe.ended]).toEqual([1_000, 'completed']);
  });

  test('W4 nor does that in which the main thread delivers what it has kept', async () => {
    const { probe, wish } = await heldBackAtTen();
    await new Promise((resolve) => void setTimeout(resolve, 100));
    probe.onNext = () => {
      // It keeps the thread waiting, and reads nothing that it says.
      if (probe.values.length === 20) Atomics.wait(wish.cells, TOLD, 0, 1_500);
    };
    probe.open();
    await probe.untilEnded();
    expect([probe.error, probe.values.length, probe.ended]).toEqual([undefined, 1_000, 'completed']);
  });

  test('R-42: is let go where it has made all values, and waits for room to send the last', async () => {
    const own = new ThreadPool({ threads: 1 });
    const options = { threads: own, grace: 30_000 };
    for (const work of [generated, generatedLater, observed]) {
      const [wish] = wishes(150);
      expect(await all(of(wish!).pipe(parallel(work, options), take(3)))).toEqual([0, 1, 2]);
      // It would wait for as long as `grace`.
      await until(() => own.running === 1);
      expect(await all(fromIterable(wishes(5)).pipe(parallel(work, options)))).toEqual(numbers(5));
    }
    expect(own.restarts).toBe(0);
    await own.close();
  });

  test.each<[IteratorFault, number, string]>([
    ['throws in next', 2, 'RangeError: third'],
    ['gives no object', 2, "TypeError: The iterator's next() gave undefined instead of { done, value }"],
    ['cannot be iterated', 0, 'RangeError: no iterator'],
  ])('R-30: an iterator written by hand that %s fails the item, after its values', async (fault, count, error) => {
    const { restarts } = pool;
    for (const order of ['completion', 'input'] as const) {
      const probe = await new Probe<number>().subscribe(of(fault).pipe(on(faulty, { order }))).untilEnded();
      expect([probe.values, String(probe.error)]).toEqual([numbers(count), error]);
    }
    expect(pool.restarts).toBe(restarts);
  });

  test('R-42: an iterator written by hand whose return throws is let go all the same', async () => {
    const { restarts } = pool;
    const endless: IteratorFault = 'throws in return';
    expect(await all(of(endless).pipe(on(faulty), take(3)))).toEqual([0, 1, 2]);
    expect(await all(fromIterable(wishes(5, 5)).pipe(on(generated, { order: 'input' })))).toEqual([
      ...numbers(5),
      ...numbers(5),
    ]);
    expect(pool.restarts).toBe(restarts);
  });

  test('R-32: a generator that throws while it is ended costs no thread, and is heard of', async () => {
    const { restarts } = pool;
    const heard = warnings();
    const [wish] = wishes(0);
    const probe = new Probe<number>();
    probe.allow(10);
    probe.subscribe(of(wish!).pipe(on(faultyAtEnd)));
    await until(() => probe.values.length === 10);
    await quiet();
    probe.unsubscribe();
    await until(() => heard.codes.length > 0, 'a warning');
    heard.stop();
    expect([heard.codes, wish!.cells[TOLD], pool.restarts]).toEqual([['SLUICE_LATE_ERROR'], 1, restarts]);
  });

  test('the report counts items and values', async () => {
    const { stages } = await run(fromIterable(wishes(10, 0, 20)).pipe(on(generated))).done;
    expect(stages.at(-1)).toMatchObject({ in: 3, completed: 3, out: 30, held: 0, failed: 0 });
  });
});
