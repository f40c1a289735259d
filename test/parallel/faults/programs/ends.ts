// Gives up a flow in some way, prints a line, and then has nothing to do: the process is to end by itself.
import { lastValueFrom, take, type Subscription } from 'rxjs';
import { parallel, type ParallelOptions } from '../../../../src/parallel/parallel.ts';
import { ThreadPool } from '../../../../src/parallel/ThreadPool.ts';
import { fromIterable } from '../../../../src/sources/fromIterable.ts';
import { work, type Act, type Job } from '../../tasks/faults.task.ts';

const begun = new Int32Array(new SharedArrayBuffer(400));
const jobs = (act?: Act, n?: number): Job[] => Array.from({ length: 100 }, (_, id) => ({ id, act, n, begun }));

async function hasBegun(): Promise<void> {
  while (Atomics.load(begun, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Subscribes, and gives up once an item has begun, or at once. */
async function giveUp(act: Act, n: number, options: ParallelOptions<Job>, atOnce = false): Promise<void> {
  const subscription: Subscription = fromIterable(jobs(act, n)).pipe(parallel(work, options)).subscribe();
  if (!atOnce) await hasBegun();
  subscription.unsubscribe();
}

const WAYS: Record<string, () => Promise<unknown>> = {
  completed: () => lastValueFrom(fromIterable(jobs()).pipe(parallel(work, { threads: 2 }))),
  taken: () => lastValueFrom(fromIterable(jobs('sleep', 5)).pipe(parallel(work, { threads: 2 }), take(3))),
  failed: () =>
    lastValueFrom(fromIterable(jobs('exit', 4)).pipe(parallel(work, { threads: 2 }))).catch(() => undefined),
  'left spinning': () => giveUp('spin', 0, { threads: 2 }),
  'left waiting': () => giveUp('never', 0, { threads: 2 }),
  'left while it starts': () => giveUp('burn', 1, { threads: 2 }, true),
  'left with a pool open': () => giveUp('burn', 1, { threads: new ThreadPool({ threads: 2 }) }),
  'left spinning with a pool open': () => giveUp('spin', 0, { threads: new ThreadPool({ threads: 2 }) }),
  'left while a pool starts': () => giveUp('burn', 1, { threads: new ThreadPool({ threads: 2 }) }, true),
  'completed with a pool open': () =>
    lastValueFrom(fromIterable(jobs()).pipe(parallel(work, { threads: new ThreadPool({ threads: 2 }) }))),
  'a pool that was closed while it spins': async () => {
    const pool = new ThreadPool({ threads: 1 });
    fromIterable(jobs('spin'))
      .pipe(parallel(work, { threads: pool, grace: 30_000 }))
      .subscribe({ error: () => undefined });
    await hasBegun();
    await pool.close();
  },
};

await WAYS[process.argv[2]!]!();
console.log('over');
