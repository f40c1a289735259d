import type { Worker } from 'node:worker_threads';
import { firstValueFrom, Subject, take } from 'rxjs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { workerPool } from '../../../src/operators/workerPool.ts';
import { run } from '../../../src/observe/run.ts';
import { parallel, type ParallelOptions } from '../../../src/parallel/parallel.ts';
import { ThreadPool } from '../../../src/parallel/ThreadPool.ts';
import { noLeaks } from '../../../src/testing/noLeaks.ts';
import { compiled } from '../compiled.ts';
import { work, type Act, type Done, type Job } from '../tasks/faults.task.ts';
import { exitsOnLoad } from '../tasks/faultsExitOnLoad.task.ts';
import * as never from '../tasks/faultsNeverLoads.task.ts';
import * as slow from '../tasks/faultsSlowLoad.task.ts';
import { until } from '../until.ts';
import { counters, expectConserved, jobs, runJobs } from './runJobs.ts';

// Each thread takes seconds to start on a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 });

const { slowToLoad, neverLoads } = compiled({ ...slow, ...never });

/** Node.js leaves the file of a module open if its thread is ended while it reads it. */
const ignore = [/^open file \d+: (?:.*\.[cm]?[jt]s|.*\/tsx-\d+\/.*)$/];

// What Node.js and threads.js make once is made before anyone looks for what is left.
beforeAll(() => runJobs(jobs(3), { threads: 1 }));

/** Starts a flow of one act, of which at least one item has begun, and says what it has sent. */
async function begin(act: Act, options: ParallelOptions<Job>, n?: number) {
  const begun = counters(20);
  const results: unknown[] = [];
  const subscription = fromIterable(jobs(20, {}, { act, n, begun }))
    .pipe(parallel(work, options))
    .subscribe({ next: (done) => results.push(done), error: (error: unknown) => results.push(error) });
  await until(() => begun.some((times) => times > 0));
  return { subscription, results, begun };
}

/** Notes the threads that start, and gives what waits for their end: one that imports its modules takes its time on a busy machine. */
function watchThreads() {
  const ends: Promise<void>[] = [];
  const note = (worker: Worker): void => void ends.push(new Promise((resolve) => worker.once('exit', () => resolve())));
  process.on('worker', note);
  return {
    started: () => ends.length,
    async ended(): Promise<void> {
      process.off('worker', note);
      await Promise.all(ends);
    },
  };
}

const sum = (begun: Int32Array): number => begun.reduce((all, times) => all + times, 0);

describe('R-40 R-42 R-55 a flow that is given up leaves nothing, whatever its threads do', () => {
  test.each<readonly [Act, number]>([
    ['spin', 0],
    ['wait', 0],
    ['never', 0],
    ['sleep', 50],
    ['burn', 50],
    ['manyForever', 0],
    ['exitWhenAborted', 3],
    ['exit', 0],
  ])('%s', async (act, n) => {
    await noLeaks(
      async () => {
        const { subscription, results, begun } = await begin(act, { threads: 2, maxBatch: 1 }, n);
        subscription.unsubscribe();
        const [had, count] = [results.length, sum(begun)];
        await new Promise((resolve) => setTimeout(resolve, 250));
        expect(results.length).toBe(had);
        // What a thread had claimed at that very moment may be seen a moment later.
        expect(sum(begun)).toBeLessThanOrEqual(count + 2);
      },
      { ignore },
    );
  });

  test('R-42 a busy thread is dead or idle 250 ms (here 1250) later: run says when', async () => {
    const begun = counters(20);
    const flow = run(fromIterable(jobs(20, {}, { act: 'spin', begun })).pipe(parallel(work, { threads: 1 })));
    await until(() => begun.some((times) => times > 0));
    const since = performance.now();
    flow.abort();
    const report = await flow.done.catch((error: unknown) => error);
    expect(report).toBeDefined();
    expect(performance.now() - since).toBeLessThan(1_250);
  });

  test('while the thread starts', async () => {
    await noLeaks(
      async () => {
        const threads = watchThreads();
        const subscription = fromIterable(jobs(20))
          .pipe(parallel(work, { threads: 2 }))
          .subscribe();
        await new Promise((resolve) => setTimeout(resolve, 5));
        subscription.unsubscribe();
        await threads.ended();
        expect(threads.started()).toBe(2);
      },
      { ignore },
    );
  });

  test.each([
    ['slowly', slowToLoad],
    ['never', neverLoads],
    ['with its end', exitsOnLoad],
  ])('W9 while the thread loads its task %s', async (_, task) => {
    await noLeaks(
      async () => {
        const threads = watchThreads();
        let online = 0;
        process.once('worker', (worker) => worker.once('online', () => online++));
        const subscription = fromIterable(jobs(20))
          .pipe(parallel(task, { threads: 1 }))
          // On a busy machine it may have come as far as to its end.
          .subscribe({ error: () => undefined });
        await until(() => online > 0);
        await new Promise((resolve) => setTimeout(resolve, 100));
        subscription.unsubscribe();
        await threads.ended();
      },
      { ignore },
    );
  });

  test('inside next, from a batch of which more results have arrived', async () => {
    await noLeaks(
      async () => {
        const results: unknown[] = [];
        await new Promise<void>((resolve) => {
          fromIterable(jobs(500))
            .pipe(parallel(work, { threads: 2 }), take(100))
            .subscribe({ next: (done) => results.push(done), complete: resolve });
        });
        expect(results.length).toBe(100);
      },
      { ignore },
    );
  });

  test('R-41 inside the next of a crash', async () => {
    await noLeaks(
      async () => {
        const letters: unknown[] = [];
        await new Promise<void>((resolve) => {
          const subscription = fromIterable(jobs(50, { 0: { act: 'exit', n: 1 } }))
            .pipe(
              parallel<Job, unknown>(work, {
                threads: 2,
                retries: 0,
                onError: {
                  deadLetter(letter) {
                    letters.push(letter);
                    subscription.unsubscribe();
                    resolve();
                  },
                },
              }),
            )
            .subscribe();
        });
        expect(letters.length).toBe(1);
      },
      { ignore },
    );
  });

  test('R-41 by the error of a sibling, while another item spins', async () => {
    await noLeaks(
      async () => {
        const list = jobs(4, { 0: { act: 'spin' }, 3: { act: 'exit', n: 8 } });
        const flow = await runJobs(list, { threads: 2, maxBatch: 1, retries: 0, onError: 'stop' });
        expect(flow).toMatchObject({ ending: 'failed', error: { code: 'ERR_WORKER_CRASHED', index: 3, exitCode: 8 } });
      },
      { ignore },
    );
  });
});

describe('R-60 a ThreadPool', () => {
  test.each<Act>(['spin', 'never', 'sleep'])(
    'closed while its threads run %s: the stage fails, nothing is left',
    async (act) => {
      await noLeaks(
        async () => {
          const pool = new ThreadPool({ threads: 2 });
          const { results } = await begin(act, { threads: pool, grace: 30_000 }, 2_000);
          await pool.close();
          expect(results).toMatchObject([{ code: 'ERR_THREAD_POOL_CLOSED', stage: 'work' }]);
          expect(pool.running).toBe(0);
        },
        { ignore },
      );
    },
  );

  test('closed while its threads start: the stage fails, nothing is left', async () => {
    await noLeaks(
      async () => {
        const threads = watchThreads();
        const pool = new ThreadPool({ threads: 2 });
        const flow = runJobs(jobs(5), { threads: pool });
        await new Promise((resolve) => setTimeout(resolve, 5));
        await pool.close();
        await threads.ended();
        expect(await flow).toMatchObject({ ending: 'failed', results: [], error: { code: 'ERR_THREAD_POOL_CLOSED' } });
      },
      { ignore },
    );
  });

  test('closed before: the stage fails at once', async () => {
    const pool = new ThreadPool({ threads: 1 });
    await pool.close();
    expect(await runJobs(jobs(3), { threads: pool })).toMatchObject({ error: { code: 'ERR_THREAD_POOL_CLOSED' } });
  });

  test('closed inside next, and again: the stage fails once', async () => {
    await noLeaks(
      async () => {
        const pool = new ThreadPool({ threads: 2 });
        const ends: Promise<void>[] = [];
        const flow = await runJobs(jobs(100), { threads: pool }, () => void ends.push(pool.close()));
        await Promise.all(ends);
        expect(flow).toMatchObject({ ending: 'failed', error: { code: 'ERR_THREAD_POOL_CLOSED' } });
        expect(flow.results.length).toBe(1);
      },
      { ignore },
    );
  });

  test('whose stage was given up while a thread dies of it serves the next', async () => {
    await noLeaks(
      async () => {
        const pool = new ThreadPool({ threads: 1 });
        const { subscription } = await begin('exitWhenAborted', { threads: pool, grace: 30_000 }, 3);
        subscription.unsubscribe();
        const list = jobs(3);
        expectConserved(list, await runJobs(list, { threads: pool }), []);
        await pool.close();
      },
      { ignore },
    );
  });
});

describe('G5 R-11 behind a closed gate', () => {
  test('W4 an item that has ended does not grow late, however long its results wait', async () => {
    const pool = new ThreadPool({ threads: 2 });
    const waiting = new Subject<void>();
    const results: Done[] = [];
    const list = jobs(30, {}, { act: 'many', n: 300 });
    const flow = new Promise<unknown>((resolve) => {
      let taken = 0;
      const consume = async (value: unknown): Promise<unknown> => {
        if (++taken === 50) await firstValueFrom(waiting);
        return value;
      };
      const slowly = parallel<Job, unknown>(work, { threads: pool, timeout: 700, order: 'input', onError: 'stop' });
      fromIterable(list)
        .pipe(slowly, workerPool(consume, { concurrency: 1 }))
        .subscribe({
          next: (done) => results.push(done as Done),
          error: resolve,
          complete: () => resolve('completed'),
        });
    });
    await until(() => results.length >= 49);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    const had = results.length;
    waiting.next();
    expect(await flow).toBe('completed');
    expect(had).toBeLessThan(60);
    expect(results.map(({ id, part }) => `${id}/${part}`)).toEqual(
      list.flatMap(({ id }) => Array.from({ length: 300 }, (_, part) => `${id}/${part}`)),
    );
    await pool.close();
  });
});
