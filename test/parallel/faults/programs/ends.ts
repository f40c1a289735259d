// Gives up flows in several ways, and prints for each for how long the process then still has something to do: it would end by itself after that.
import { lastValueFrom, take, type Subscription } from 'rxjs';
import { parallel, type ParallelOptions } from '../../../../src/parallel/parallel.ts';
import { ThreadPool } from '../../../../src/parallel/ThreadPool.ts';
import { fromIterable } from '../../../../src/sources/fromIterable.ts';
import { work, type Act, type Job } from '../../tasks/faults.task.ts';

let begun: Int32Array;
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

type Ways = Record<string, () => Promise<unknown>>;

const WITHOUT_POOL: Ways = {
  completed: () => lastValueFrom(fromIterable(jobs()).pipe(parallel(work, { threads: 2 }))),
  taken: () => lastValueFrom(fromIterable(jobs('sleep', 5)).pipe(parallel(work, { threads: 2 }), take(3))),
  failed: () =>
    lastValueFrom(fromIterable(jobs('exit', 4)).pipe(parallel(work, { threads: 1 }))).catch(() => undefined),
  'left spinning': () => giveUp('spin', 0, { threads: 1 }),
  'left waiting': () => giveUp('never', 0, { threads: 1 }),
  'left while it starts': () => giveUp('burn', 1, { threads: 2 }, true),
};

const WITH_POOL: Ways = {
  'left with a pool open': () => giveUp('burn', 1, { threads: new ThreadPool({ threads: 2 }) }),
  'left while a pool starts': () => giveUp('burn', 1, { threads: new ThreadPool({ threads: 2 }) }, true),
  'completed with a pool open': () =>
    lastValueFrom(fromIterable(jobs()).pipe(parallel(work, { threads: new ThreadPool({ threads: 1 }) }))),
  'a pool that was closed while it spins': async () => {
    const pool = new ThreadPool({ threads: 1 });
    fromIterable(jobs('spin'))
      .pipe(parallel(work, { threads: pool, grace: 30_000 }))
      .subscribe({ error: () => undefined });
    await hasBegun();
    await pool.close();
  },
  'left spinning with a pool open': () => giveUp('spin', 0, { threads: new ThreadPool({ threads: 2 }) }),
};

const ways = Object.entries(process.argv[2] === 'with a pool' ? WITH_POOL : WITHOUT_POOL);
let overAt: number | undefined;

async function giveUpOne(give: () => Promise<unknown>): Promise<void> {
  begun = new Int32Array(new SharedArrayBuffer(400));
  overAt = undefined;
  // Something to do: otherwise nothing would be told of the end of it.
  await new Promise((resolve) => setTimeout(resolve, 1));
  await give();
  overAt = performance.now();
}

// Only when nothing is left to do; and after the last way nothing is begun.
process.on('beforeExit', () => {
  const [way] = ways.shift() ?? [];
  if (way === undefined) return;
  console.log(JSON.stringify({ way, lingered: overAt === undefined ? undefined : performance.now() - overAt }));
  if (ways.length > 0) void giveUpOne(ways[0]![1]);
});
void giveUpOne(ways[0]![1]);
