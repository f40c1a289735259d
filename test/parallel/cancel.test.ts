import { Subject, lastValueFrom, of, take, throwError, toArray, merge, type Observable } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from 'sluice';
import { parallel, ThreadPool, type ParallelOptions, type Task } from 'sluice/parallel';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';
import { deaf, late, listen, loop, oneFails, sleeper, strictLoop, wanted, type Job } from './tasks/cancel.task.ts';
import { BEGUN, MADE, makeCells, openCells, TOLD } from './tasks/cells.ts';
import { double, hold } from './tasks/plain.task.ts';
import { quiet, until } from './until.ts';

const pool = new ThreadPool({ threads: 2 });
afterAll(() => pool.close());

/** More than any thread takes to hear of it: what ends within it ended by itself. */
const PATIENT = 20_000;

function on<T, R>(work: Task<T, R>, options: ParallelOptions<T> = {}) {
  return parallel(work, { threads: pool, grace: PATIENT, ...options });
}

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const jobs = (count: number, cells: Int32Array): Job[] => Array.from({ length: count }, (_, n) => ({ n, cells }));

/** The pool's threads, which no test but those of `grace` may cost anything. */
async function expectWarm(restarts: number): Promise<void> {
  expect((await all(of(1, 2, 3).pipe(on(double)))).toSorted((a, b) => a - b)).toEqual([2, 4, 6]);
  expect(pool.restarts).toBe(restarts);
}

describe('context.signal', () => {
  test.each<[string, Task<Job, number>]>([
    ['a loop that never lets go of the thread', loop],
    ['a loop that throws when it is aborted', strictLoop],
    ['a listener', listen],
    ['something that is handed the signal', sleeper],
    ['an async task that looks at it now and then', late],
  ])('R-42: %s is told when the stage is unsubscribed, and the thread lives on', async (_, work) => {
    const { restarts } = pool;
    const cells = makeCells();
    const probe = new Probe<number>().subscribe(fromIterable(jobs(2, cells)).pipe(on(work)));
    await until(() => cells[BEGUN] === 2);
    probe.unsubscribe();
    await until(() => cells[TOLD] === 2, 'both tasks to be told');
    expect(probe.values).toEqual([]);
    await expectWarm(restarts);
  });

  test('its reason is an AbortError, as of any signal', async () => {
    const cells = makeCells();
    const probe = new Probe<number>().subscribe(fromIterable(jobs(2, cells)).pipe(on(loop)));
    await until(() => cells[BEGUN] === 2);
    probe.unsubscribe();
    await until(() => cells[TOLD] === 2);
    await until(() => cells[MADE] === 2);
  });

  test.each([
    ['an error of the source', (source: Subject<Job>) => source.error(new Error('source'))],
    ['take, which has enough', undefined],
  ])('R-42: %s ends what runs', async (_, end) => {
    const { restarts } = pool;
    const cells = makeCells();
    const source = new Subject<Job>();
    const enough = new Subject<number>();
    const probe = new Probe<number>().subscribe(merge(source.pipe(on(loop)), enough).pipe(take(1)));
    for (const job of jobs(2, cells)) source.next(job);
    await until(() => cells[BEGUN] === 2);
    if (end === undefined) enough.next(0);
    else end(source);
    expect(probe.ended).toBe(end === undefined ? 'completed' : 'failed');
    await until(() => cells[TOLD] === 2);
    await expectWarm(restarts);
  });

  test('R-30: an item that fails ends its siblings, and no error but its own is heard of', async () => {
    const { restarts } = pool;
    const cells = makeCells();
    const items = jobs(2, cells).map((job) => ({ ...job, others: 1 }));
    const flow = run(fromIterable(items).pipe(on(oneFails, { maxBatch: 1 })));
    const failure: unknown = await flow.done.catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { name: 'RangeError', message: 'the first fails' } });
    await until(() => cells[TOLD] === 1);
    await quiet();
    expect(flow.stats().lateErrors).toBe(0);
    await expectWarm(restarts);
  });

  test('says nothing to an item that is wanted, also after others were cancelled in its place', async () => {
    const cells = makeCells();
    for (let round = 0; round < 3; round++) {
      const probe = new Probe<number>().subscribe(fromIterable(jobs(2, cells)).pipe(on(loop)));
      await until(() => cells[BEGUN]! >= 2);
      probe.unsubscribe();
      Atomics.store(cells, BEGUN, 0);
      const results = await all(fromIterable(jobs(50, makeCells())).pipe(on(wanted)));
      expect(results.length).toBe(50);
      expect(results.filter(({ before, after }) => before || after)).toEqual([]);
    }
  });
});

describe('what waits', () => {
  test('R-40: nothing begins after unsubscribe, neither in line nor in a batch at a thread', async () => {
    const cells = makeCells();
    const items = jobs(200, cells);
    const probe = new Probe<number>().subscribe(fromIterable(items).pipe(on(hold)));
    await until(() => cells[BEGUN] === 2);
    probe.unsubscribe();
    openCells(cells);
    await until(() => cells[MADE] === 2);
    await quiet();
    expect([cells[BEGUN], probe.values]).toEqual([2, []]);
  });

  test('R-41: unsubscribed before the threads are there, and twice', async () => {
    const own = new ThreadPool({ threads: 2 });
    const cells = makeCells(true);
    const probe = new Probe<number>().subscribe(fromIterable(jobs(5, cells)).pipe(parallel(hold, { threads: own })));
    probe.unsubscribe();
    probe.unsubscribe();
    expect((await all(of(1).pipe(parallel(double, { threads: own })))).length).toBe(1);
    expect([cells[BEGUN], probe.values]).toEqual([0, []]);
    await own.close();
  });

  test('R-41: unsubscribed inside a value', async () => {
    const cells = makeCells(true);
    const probe = new Probe<number>();
    probe.onNext = () => probe.unsubscribe();
    probe.subscribe(fromIterable(jobs(1_000, cells)).pipe(on(hold, { maxBatch: 1 })));
    await until(() => probe.isClosed);
    await quiet();
    expect(probe.values.length).toBe(1);
    expect(cells[BEGUN]).toBeLessThan(100);
  });

  test('an error of the source before the first item', async () => {
    const probe = new Probe<number>().subscribe(throwError(() => 'no').pipe(on(double)));
    expect([probe.ended, probe.error]).toEqual(['failed', 'no']);
  });
});

describe('grace', () => {
  test('R-42: work that hears nothing has its thread ended after it, and another takes its place', async () => {
    const own = new ThreadPool({ threads: 2 });
    const cells = makeCells();
    const probe = new Probe<never>().subscribe(
      fromIterable(jobs(2, cells)).pipe(parallel(deaf, { threads: own, grace: 50 })),
    );
    await until(() => cells[BEGUN] === 2);
    const unsubscribed = performance.now();
    probe.unsubscribe();
    expect(own.running).toBe(2);
    await until(() => own.running === 0, 'the threads to be ended');
    // The rule: 250 ms; with five times as much for a machine that does other things.
    expect(performance.now() - unsubscribed).toBeLessThan(5 * 250);
    expect((await all(of(1, 2, 3).pipe(parallel(double, { threads: own })))).toSorted((a, b) => a - b)).toEqual([
      2, 4, 6,
    ]);
    await own.close();
  });

  test('of 0: at once', async () => {
    const own = new ThreadPool({ threads: 1 });
    const cells = makeCells();
    const probe = new Probe<never>().subscribe(
      fromIterable(jobs(1, cells)).pipe(parallel(deaf, { threads: own, grace: 0 })),
    );
    await until(() => cells[BEGUN] === 1);
    probe.unsubscribe();
    await until(() => own.running === 0);
    await own.close();
  });

  test('what another stage has at such a thread runs again on the next', async () => {
    const own = new ThreadPool({ threads: 1 });
    const cells = makeCells();
    const probe = new Probe<never>().subscribe(
      fromIterable(jobs(1, cells)).pipe(parallel(deaf, { threads: own, grace: 50 })),
    );
    await until(() => cells[BEGUN] === 1);
    const other = new Probe<number>().subscribe(
      of(1, 2, 3).pipe(parallel(double, { threads: own, order: 'input', retries: 0 })),
    );
    await quiet();
    expect(other.values).toEqual([]);
    probe.unsubscribe();
    await other.untilEnded();
    expect([other.values, other.ended]).toEqual([[2, 4, 6], 'completed']);
    await own.close();
  });

  test('a run is done only when its threads have let go', async () => {
    const own = new ThreadPool({ threads: 1 });
    const cells = makeCells();
    const flow = run(fromIterable(jobs(1, cells)).pipe(parallel(deaf, { threads: own, grace: 100 })));
    await until(() => cells[BEGUN] === 1);
    flow.abort();
    const report = await flow.done;
    expect([report.ended, report.abandoned, own.running]).toEqual(['aborted', 1, 0]);
    await own.close();
  });
});
