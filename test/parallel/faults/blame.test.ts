import { Subject } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { parallel, type ParallelOptions } from '../../../src/parallel/parallel.ts';
import { homeOf } from '../../../src/core/homeOf.ts';
import { ThreadPool, type ThreadPoolOptions } from '../../../src/parallel/ThreadPool.ts';
import { compiled } from '../compiled.ts';
import { work, type Job } from '../tasks/faults.task.ts';
import * as never from '../tasks/faultsNeverLoads.task.ts';
import { until } from '../until.ts';
import { counters, expectConserved, jobs, runJobs } from './runJobs.ts';

// Each thread takes seconds to start on a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 });

const { neverLoads } = compiled(never);

let pool: ThreadPool;
const make = (options: ThreadPoolOptions): ThreadPool => (pool = new ThreadPool(options));
afterEach(() => pool.close());

/** Keeps this thread from everything, without keeping the processor busy. */
const block = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
/** The same where timers that are due meanwhile come before messages. */
async function blockTimers(ms: number): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
  block(ms);
}
/** What has been put in line is at the threads after it, and nothing that they say has been read. */
const sent = (): Promise<void> => Promise.resolve();

/** A stage that is fed by hand; its threads are there, and it has measured that its items are quick: it sends many at a time. */
async function quickStage(options: ParallelOptions<Job>) {
  const source = new Subject<Job>();
  const threads = new Set<number>();
  let count = 0;
  let onResult: ((id: number) => void) | undefined;
  const ended = runJobs(source, { overflowLimit: Infinity, ...options }, ({ id, thread }) => {
    count++;
    threads.add(thread);
    onResult?.(id);
  });
  let warm = 0;
  while (threads.size < pool.size) {
    warm += WARM;
    for (let id = 0; id < WARM; id++) source.next({ id: WARM + id });
    await until(() => count === warm);
  }
  return {
    ended: async () => {
      source.complete();
      const run = await ended;
      return { ...run, results: run.results.filter(({ id }) => id < WARM) };
    },
    send: (list: readonly Job[]) => list.forEach((job) => source.next(job)),
    count: () => count - warm,
    onResult: (listen: (id: number) => void) => (onResult = listen),
  };
}

const WARM = 600;

describe('R-60 a main thread that was blocked reads what threads have said before it judges them', () => {
  test('the thread of a stage that has ended: its item let go in time, and another stage has the thread by now', async () => {
    make({ threads: 1 });
    expectConserved(jobs(1), await runJobs(jobs(1), { threads: pool }), []);
    const begun = counters(2);
    const left = fromIterable<Job>([{ id: 0, act: 'sleep', n: 150, begun }])
      .pipe(parallel(work, { threads: pool }))
      .subscribe();
    await until(() => Atomics.load(begun, 0) > 0);
    const other = runJobs([{ id: 1, act: 'sleep', n: 600, begun }], { threads: pool, retries: 0 });
    await sent();
    left.unsubscribe();
    // `grace` is 100.
    await blockTimers(400);
    expectConserved(jobs(2).slice(1), await other, []);
    expect([Atomics.load(begun, 1), pool.restarts]).toEqual([1, 0]);
  });

  test('the thread of an item whose batch was taken back behind it: another stage has the thread by now', async () => {
    make({ threads: 2 });
    const begun = counters(1);
    const list = jobs(40, { 0: { act: 'sleep', n: 500 } });
    const first = await quickStage({ threads: pool, timeout: 1_000, retries: 0 });
    // Both are at the first thread, the second behind the other, and no other thread may have it.
    const key = [0, 1, 2, 3, 4].find((it) => homeOf(it, 2) === 0);
    first.send(list);
    const second = runJobs(jobs(1, {}, { act: 'sleep', n: 1_600, begun }), {
      threads: pool,
      retries: 0,
      key: () => key,
    });
    // Those behind the one that sleeps run on the other thread.
    await until(() => first.count() >= list.length - 1);
    // What looks at threads has seen that it runs.
    await new Promise((resolve) => void setTimeout(resolve, 200));
    await blockTimers(1_300);
    expect([...begun]).toEqual([1]);
    expectConserved(list, await first.ended(), []);
    expectConserved(jobs(1), await second, []);
    expect([[...begun], pool.restarts]).toEqual([[1], 0]);
  });
});

test('R-61 W9 a module that is never done with loading fails its own stage, and costs no other an item or a try', async () => {
  make({ threads: 1, startTimeout: 1_500 });
  expectConserved(jobs(1), await runJobs(jobs(1), { threads: pool }), []);
  const begun = counters(60);
  const list = jobs(60, {}, { act: 'sleep', n: 50, begun });
  const ends: string[] = [];
  const busy = runJobs(list, { threads: pool, retries: 0, maxBatch: 1 }).finally(() => ends.push('busy'));
  const failed = runTask(pool).finally(() => ends.push('loading'));
  expect(await failed).toMatchObject({ code: 'ERR_TASK_LOAD', stage: 'neverLoads' });
  expectConserved(list, await busy, []);
  expect([ends, pool.restarts]).toEqual([['loading', 'busy'], 1]);
});

function runTask(threads: ThreadPool): Promise<unknown> {
  return new Promise((resolve) => {
    fromIterable(jobs(1))
      .pipe(parallel(neverLoads, { threads }))
      .subscribe({ error: resolve, complete: () => resolve('completed') });
  });
}

describe('R-63 a result that could be sent, and cannot be read here', () => {
  const DEPTH = 8_000;
  const deep = { act: 'deepReturn', n: DEPTH } as const;
  const unreadable = { code: 'ERR_NOT_CLONEABLE', direction: 'result', path: 'result' };

  test.each([undefined, 1])('fails its item and no other (maxBatch %s)', async (maxBatch) => {
    make({ threads: 2 });
    const list = jobs(60, { 3: deep, 4: deep, 30: deep, 31: deep });
    const run = await runJobs(list, { threads: pool, retries: 0, order: 'input', maxBatch });
    expectConserved(list, run, [3, 4, 30, 31]);
    for (const { error } of run.letters) expect(error).toMatchObject(unreadable);
  });

  test('is not mixed up with what came after it', async () => {
    make({ threads: 1 });
    const begun = counters(40);
    const stage = await quickStage({ threads: pool, retries: 0 });
    // Twenty of them are one batch, which reports every few milliseconds.
    const list = jobs(40, { 0: { n: 10 }, 1: deep }, { act: 'burn', n: 4, begun });
    stage.onResult((id) => {
      if (id !== 0) return;
      for (let looks = 0; looks < 100 && Atomics.load(begun, 8) === 0; looks++) block(10);
    });
    stage.send(list);
    await until(() => stage.count() >= 39);
    const run = await stage.ended();
    expectConserved(list, run, [1]);
    expect(run.letters[0]!.error).toMatchObject(unreadable);
  });

  test.each([
    ['is not mixed up with that of the next batch, which is there as well', [0]],
    ['is not mixed up with that of the batch before', [1]],
    ['is found also where there are two', [0, 1]],
  ])('%s', async (_, at) => {
    make({ threads: 1 });
    const stage = await quickStage({ threads: pool, retries: 0, maxBatch: 1 });
    const list = jobs(4).map((job) => (at.includes(job.id) ? { ...job, ...deep } : job));
    stage.send(list);
    await sent();
    // Two batches of one run meanwhile.
    block(150);
    const run = await stage.ended();
    expectConserved(list, run, at);
    for (const { error, attempts } of run.letters) expect([error, attempts]).toMatchObject([unreadable, 1]);
  });

  test('costs the item that runs meanwhile no try', async () => {
    make({ threads: 1 });
    const begun = counters(2);
    const stage = await quickStage({ threads: pool, retries: 0, maxBatch: 1 });
    const list = jobs(2, { 0: deep, 1: { act: 'sleep', n: 300 } }, { begun });
    stage.send(list);
    await sent();
    block(150);
    const run = await stage.ended();
    expectConserved(list, run, [0]);
    expect(run.letters).toMatchObject([{ error: unreadable }]);
    expect([[...begun], run.results.map(({ attempt }) => attempt)]).toEqual([[1, 2], [1]]);
  });

  test('one of many values fails its item, at once', async () => {
    make({ threads: 1 });
    const list = jobs(3, { 1: { act: 'manyDeep', n: DEPTH } });
    const run = await runJobs(list, { threads: pool });
    expectConserved(list, run, [1]);
    expect(run.letters).toMatchObject([{ error: unreadable, attempts: 1 }]);
  });
});
