// Replaces a thread after every item, as many times as it is told, and prints what is left of the threads.
import { queryObjects } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { lastValueFrom, tap } from 'rxjs';
import { parallel } from '../../../../src/parallel/parallel.ts';
import { ThreadPool } from '../../../../src/parallel/ThreadPool.ts';
import { fromIterable } from '../../../../src/sources/fromIterable.ts';
import { noLeaks } from '../../../../src/testing/noLeaks.ts';
import { work, type Done, type Job } from '../../tasks/faults.task.ts';

const gc = runInNewContext('gc') as () => void;
const ITEMS = Number(process.argv[2]);
const workers: WeakRef<Worker>[] = [];
process.on('worker', (worker) => void workers.push(new WeakRef(worker)));

async function run(items: number): Promise<readonly number[]> {
  const ids: number[] = [];
  const jobs = Array.from({ length: items }, (_, id): Job => ({ id }));
  const pool = new ThreadPool({ threads: 4, maxTasksPerThread: 1 });
  await lastValueFrom(
    fromIterable(jobs).pipe(
      parallel(work, { threads: pool, order: 'input' }),
      tap((done) => ids.push((done as Done).id)),
    ),
  );
  await pool.close();
  return ids;
}

/** What is left once all that can be collected has been, which takes several turns. */
async function collected() {
  let left = workers.length;
  for (let turn = 0; turn < 3 || (turn < 20 && left > 0); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
    left = workers.filter((worker) => worker.deref() !== undefined).length;
  }
  return { left, heap: process.memoryUsage().heapUsed, objects: queryObjects(Object, { format: 'count' }) };
}

// What Node.js and threads.js make once does not count.
await run(8);
workers.length = 0;
const before = await collected();
const ids = await noLeaks(() => run(ITEMS));
const after = await collected();
console.log(
  JSON.stringify({
    inOrder: ids.every((id, i) => id === i),
    items: ids.length,
    started: workers.length,
    left: after.left,
    heap: after.heap - before.heap,
    // But for what looks at the workers here.
    objects: after.objects - before.objects - workers.length,
  }),
);
