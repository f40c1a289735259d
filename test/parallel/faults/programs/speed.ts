// Measures how soon the death of a thread is noticed, and how soon another works in its place. Prints the middle one of some tries.
import { Subject } from 'rxjs';
import { parallel } from '../../../../src/parallel/parallel.ts';
import { ThreadPool } from '../../../../src/parallel/ThreadPool.ts';
import { work, type Job } from '../../tasks/faults.task.ts';

const TRIES = 3;
const begun = new Int32Array(new SharedArrayBuffer(8 * TRIES));
const pool = new ThreadPool({ threads: 1 });
const source = new Subject<Job>();
const subscription = source.pipe(parallel(work, { threads: pool, retries: 0, onError: 'skip' })).subscribe();

async function until(holds: () => boolean): Promise<number> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  return performance.now();
}

const middle = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[TRIES >> 1]!;
const noticed: number[] = [];
const replaced: number[] = [];
for (let i = 0; i < TRIES; i++) {
  const { restarts } = pool;
  source.next({ id: 2 * i, act: 'exit', n: 1, begun });
  const died = await until(() => Atomics.load(begun, 2 * i) > 0);
  noticed.push((await until(() => pool.restarts > restarts)) - died);
  source.next({ id: 2 * i + 1, begun });
  replaced.push((await until(() => Atomics.load(begun, 2 * i + 1) > 0)) - died);
}
subscription.unsubscribe();
await pool.close();
console.log(JSON.stringify({ noticed: middle(noticed), replaced: middle(replaced) }));
