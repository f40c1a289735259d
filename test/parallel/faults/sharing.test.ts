import { lastValueFrom, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { parallel } from '../../../src/parallel/parallel.ts';
import type { Task } from '../../../src/parallel/task.ts';
import { ThreadPool, type ThreadPoolOptions } from '../../../src/parallel/ThreadPool.ts';
import { compiled } from '../compiled.ts';
import { echo, work, type Done, type Job } from '../tasks/faults.task.ts';
import * as exiting from '../tasks/faultsExitOnLoad.task.ts';
import * as slowly from '../tasks/faultsSlowLoad.task.ts';
import * as throwing from '../tasks/faultsThrowOnLoad.task.ts';
import { until } from '../until.ts';
import { counters, expectConserved, jobs, runJobs } from './runJobs.ts';
import { warnings } from './warnings.ts';

// Each thread takes seconds to start on a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 });

const { exitsOnLoad, slowToLoad, throwsOnLoad } = compiled({ ...exiting, ...slowly, ...throwing });

let pool: ThreadPool;
const make = (options: ThreadPoolOptions): ThreadPool => (pool = new ThreadPool(options));
let heard: ReturnType<typeof warnings>;
beforeEach(() => {
  heard = warnings();
});
afterEach(async () => {
  heard.stop();
  await pool.close();
});

/** A stage that is fed by hand, and what came of it. */
function feed(threads: ThreadPool, key?: (job: Job) => unknown) {
  const source = new Subject<Job>();
  const results: Done[] = [];
  const errors: unknown[] = [];
  const subscription = source.pipe(parallel<Job, unknown>(work, { threads, key, capacity: 1_000 })).subscribe({
    next: (done) => results.push(done as Done),
    error: (error: unknown) => errors.push(error),
  });
  const send = (list: readonly Job[]): void => list.forEach((job) => source.next(job));
  return { results, errors, send, unsubscribe: () => subscription.unsubscribe() };
}

const over = (threads: ThreadPool, task: Task<Job, unknown>, count = 3): Promise<unknown> =>
  lastValueFrom(fromIterable(jobs(count)).pipe(parallel(task, { threads })));

describe('R-60 stages that share a pool', () => {
  test('one that is given up while its item spins takes nothing from the other, and is no crash', async () => {
    make({ threads: 1 });
    const other = feed(pool);
    // As many crashes would be a loop.
    for (let round = 0; round < 6; round++) {
      const begun = counters(1);
      const spinning = fromIterable<Job>([{ id: 0, act: 'spin', begun }])
        .pipe(parallel(work, { threads: pool, grace: 0 }))
        .subscribe();
      await until(() => Atomics.load(begun, 0) > 0);
      other.send([{ id: round }]);
      spinning.unsubscribe();
      await until(() => other.results.length > round);
    }
    expect(other.errors).toEqual([]);
    expect(other.results.map(({ id, attempt }) => [id, attempt])).toEqual([0, 1, 2, 3, 4, 5].map((id) => [id, 1]));
    expect(heard.codes).toEqual([]);
    other.unsubscribe();
  });

  test('one whose task is slow to load is not late because of what another keeps the thread busy with', async () => {
    make({ threads: 1, startTimeout: 4_000 });
    const begun = counters(1);
    const long = runJobs(jobs(1, {}, { act: 'block', n: 6_000, begun }), { threads: pool });
    await until(() => Atomics.load(begun, 0) > 0);
    const loading = over(pool, slowToLoad, 1);
    expectConserved(jobs(1), await long, []);
    expect(await loading).toEqual({ id: 0 });
    expect(pool.restarts).toBe(0);
  });

  test('W9 one whose task cannot be loaded, and that is given up meanwhile, leaves room for the other', async () => {
    make({ threads: 1 });
    expectConserved(jobs(1), await runJobs(jobs(1), { threads: pool }), []);
    const broken = fromIterable(jobs(10))
      .pipe(parallel(throwsOnLoad, { threads: pool }))
      .subscribe();
    await Promise.resolve();
    const other = runJobs(jobs(5), { threads: pool });
    await Promise.resolve();
    broken.unsubscribe();
    expectConserved(jobs(5), await other, []);
  });

  test('W9 a task that cannot be loaded is said to be so each time, also by a thread that has tried before', async () => {
    make({ threads: 1 });
    for (let round = 0; round < 3; round++) {
      await expect(over(pool, throwsOnLoad)).rejects.toMatchObject({
        code: 'ERR_TASK_LOAD',
        cause: { message: 'no licence', code: 'E_LICENCE' },
      });
      expectConserved(jobs(3), await runJobs(jobs(3), { threads: pool }), []);
    }
    expect(pool.restarts).toBe(0);
  });

  test('tasks of two modules are loaded by one thread at the same time', async () => {
    make({ threads: 1 });
    const [slow, run, twin] = await Promise.all([
      over(pool, slowToLoad, 1),
      runJobs(jobs(3), { threads: pool }),
      over(pool, echo, 1),
    ]);
    expect(slow).toEqual({ id: 0 });
    expect(twin).toMatchObject({ id: 0 });
    expectConserved(jobs(3), run, []);
  });

  test('R-61 W9 a module that ends its thread fails its own stage, although the other gets on', async () => {
    make({ threads: 2 });
    const other = feed(pool);
    let sent = 0;
    const timer = setInterval(() => other.send([{ id: sent++ }]), 20);
    await expect(over(pool, exitsOnLoad)).rejects.toMatchObject({ code: 'ERR_TASK_LOAD' });
    clearInterval(timer);
    await until(() => other.results.length === sent || other.errors.length > 0);
    expect(other.errors).toEqual([]);
    expect(other.results.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: sent }, (_, i) => i),
    );
    other.unsubscribe();
  });

  test('R-61 W9 a module that ends its thread is not tried for ever', async () => {
    make({ threads: 2 });
    const starts: unknown[] = [];
    const note = (worker: unknown): void => void starts.push(worker);
    process.on('worker', note);
    await expect(over(pool, exitsOnLoad)).rejects.toMatchObject({
      code: 'ERR_TASK_LOAD',
      stage: 'exitsOnLoad',
    });
    process.off('worker', note);
    // More than five would be a loop; both seats may try once more meanwhile.
    expect(starts.length).toBeLessThanOrEqual(8);
  });
});

describe('R-60 stages with keys', () => {
  test('W1 a crash before the pool is resized does not hold them up', async () => {
    make({ threads: 2 });
    const keyed = feed(pool, ({ id }) => id % 7);
    keyed.send(jobs(20, { 3: { act: 'exitOnce' } }));
    await until(() => keyed.results.length === 20);
    for (const size of [3, 1, 4]) {
      pool.resize(size);
      keyed.send(jobs(20));
      const due = keyed.results.length + 20;
      await until(() => keyed.results.length >= due);
    }
    expect(keyed.errors).toEqual([]);
    keyed.unsubscribe();
  });

  test('W1 a crash while keys wait for their new seats loses none', async () => {
    make({ threads: 1 });
    const begun = counters(20);
    const keyed = feed(pool, ({ id }) => id);
    keyed.send(jobs(20, { 0: { act: 'exitOnce' } }, { act: 'sleep', n: 5, begun }));
    await until(() => Atomics.load(begun, 0) > 0);
    pool.resize(4);
    await until(() => keyed.results.length >= 20);
    expect(keyed.results.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(jobs(20).map(({ id }) => id));
    keyed.unsubscribe();
  });

  test('W1 items of a key keep their order through crashes', async () => {
    make({ threads: 2 });
    const list = jobs(200).map((job): Job => (job.id % 50 === 25 ? { ...job, act: 'exitOnce' } : job));
    const run = await runJobs(list, { threads: pool, key: ({ id }) => id % 5 });
    expectConserved(list, run, []);
    for (let key = 0; key < 5; key++) {
      const ids = run.results.map(({ id }) => id).filter((id) => id % 5 === key);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
  });

  test('an onMove that throws fails its stage, and nothing else', async () => {
    make({ threads: 1 });
    const other = feed(pool);
    const failure = new Error('onMove');
    const run = await runJobs(jobs(4, { 1: { act: 'exitOnce' } }), {
      threads: pool,
      key: ({ id }) => id,
      onMove: () => {
        throw failure;
      },
    });
    expect(run).toMatchObject({ ending: 'failed', error: failure });
    other.send(jobs(3));
    await until(() => other.results.length === 3);
    other.unsubscribe();
    expect(heard.codes).not.toContain('SLUICE_LATE_ERROR');
  });

  test('a key function that throws, whenever it does, fails an item, and nothing else', async () => {
    make({ threads: 1 });
    let calls = 0;
    const run = await runJobs(jobs(6, { 4: { act: 'exitOnce' } }), {
      threads: pool,
      key({ id }) {
        if (++calls % 3 === 0) throw new Error(`key of ${id}`);
        return 0;
      },
    });
    expectConserved(
      jobs(6),
      run,
      run.letters.map(({ item }) => item.id),
    );
    expect(run.letters.length).toBe(2);
  });
});

describe('R-65 a pool that replaces threads', () => {
  test.each([1, 5])('after %i items each: in order, nothing lost, no thread runs more', async (maxTasksPerThread) => {
    make({ threads: 2, maxTasksPerThread });
    const count = 3 * maxTasksPerThread + 5;
    const list = jobs(count);
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expectConserved(list, run, []);
    expect(run.results.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
    // The two that are there at the end need not have been replaced, nor those that are full then.
    expect(pool.restarts).toBeGreaterThanOrEqual(Math.floor(count / maxTasksPerThread) - 2);
    expect(pool.restarts).toBeLessThanOrEqual(Math.ceil(count / maxTasksPerThread) + 2);
  });

  test('W1 that end by themselves at that very moment: while this thread is busy, too', async () => {
    const started: number[] = [];
    const note = (): void => void started.push(1);
    process.on('worker', note);
    make({ threads: 1, maxTasksPerThread: 1 });
    const list = jobs(6, {}, { act: 'exitAfterResult', n: 0 });
    const run = await runJobs(list, { threads: pool, order: 'input' }, () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    });
    process.off('worker', note);
    expectConserved(list, run, []);
    // None that nobody knows of: each item has had its thread, and one may wait for the next.
    expect(started.length).toBeLessThanOrEqual(7);
  });

  test('resized while it works: in order, nothing lost', async () => {
    make({ threads: 1 });
    const list = jobs(500, { 250: { act: 'exitOnce' } }, {});
    let size = 0;
    const run = await runJobs(list, { threads: pool, order: 'input' }, ({ id }) => {
      if (id % 100 === 50) pool.resize([3, 1, 2][size++ % 3]!);
    });
    expectConserved(list, run, []);
    expect(run.results.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
  });
});

test('W10 threads ended from outside: nothing lost, nothing doubled, each loss costs its own batch', async () => {
  make({ threads: 2 });
  const threads = new Set<{ terminate(): Promise<unknown> }>();
  const note = (worker: { terminate(): Promise<unknown>; once(event: 'exit', gone: () => void): void }): void => {
    threads.add(worker);
    worker.once('exit', () => threads.delete(worker));
  };
  process.on('worker', note as never);
  let kills = 0;
  const begun = counters(20_000);
  const list: Job[] = [];
  // Until enough have been ended.
  const source = function* (): Generator<Job> {
    for (let id = 0; id < begun.length; id++) {
      if (kills === 3) return;
      list.push({ id, act: 'burn', n: 1, begun });
      yield list[id]!;
    }
  };
  // One that dies while it imports the task has failed to load it: it is only ended once both threads have been at work for a while.
  const worked = [0, 0];
  const run = await runJobs(source(), { threads: pool, order: 'input', retries: 50 }, ({ thread }) => {
    worked[thread]!++;
    const [victim] = threads;
    if (victim === undefined || Math.min(...worked) < 30) return;
    worked.fill(0);
    kills++;
    void victim.terminate();
  });
  process.off('worker', note as never);
  expectConserved(list, run, []);
  expect(run.results.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
  expect(kills).toBe(3);
  const again = list.reduce((sum, { id }) => sum + begun[id]! - 1, 0);
  // A thread has about three milliseconds of work in hand that may have finished and not been reported.
  expect(again).toBeLessThanOrEqual(kills * 12);
});
