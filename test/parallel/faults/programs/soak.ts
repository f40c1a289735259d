// Forty thousand items, of which a hundred do something bad: half in the order of the input, half as they come. Prints for each half what
// was wrong with the results, and how often a thread was replaced.
import { lastValueFrom, tap } from 'rxjs';
import type { Result } from '../../../../src/core/options.ts';
import { parallel } from '../../../../src/parallel/parallel.ts';
import { ThreadPool } from '../../../../src/parallel/ThreadPool.ts';
import { fromIterable } from '../../../../src/sources/fromIterable.ts';
import { work, type Act, type Done, type Job } from '../../tasks/faults.task.ts';

const ITEMS = 20_000;
// What waits for ever takes as long as what spins, and no processor from the others.
const acts: readonly (readonly [act: Act, times: number, code: string])[] = [
  ['exit', 20, 'ERR_WORKER_CRASHED'],
  ['spin', 1, 'ERR_TASK_TIMEOUT'],
  ['wait', 9, 'ERR_TASK_TIMEOUT'],
  ['throw', 20, 'E_ITEM'],
];

/** The same places every time, spread over all of them. */
const planned = new Map<number, readonly [act: Act, code: string]>();
for (const [which, [act, times, code]] of acts.entries()) {
  for (let i = 0; i < times; i++) planned.set(Math.floor(((i + 0.5) * ITEMS) / times) + which * 7 - 3, [act, code]);
}
const jobs = function* (): Generator<Job> {
  for (let id = 0; id < ITEMS; id++) yield { id, act: planned.get(id)?.[0], n: 3 };
};

const pool = new ThreadPool({ threads: 4 });
for (const order of ['input', 'completion'] as const) {
  const { restarts } = pool;
  const wrong: string[] = [];
  const seen = new Uint8Array(ITEMS);
  let next = 0;
  const check = (result: Result<unknown, Job>): void => {
    const id = result.ok ? (result.value as Done).id : result.item.id;
    if (++seen[id]! > 1) wrong.push(`item ${id} twice`);
    if (order === 'input' && id !== next) wrong.push(`item ${id} in place of ${next}`);
    next++;
    const expected = planned.get(id)?.[1];
    const { code, index, item } = (result.ok ? {} : result.error) as { code?: string; index?: number; item?: number };
    if (code !== expected) wrong.push(`item ${id} ended with ${String(code)} instead of ${String(expected)}`);
    if (!result.ok && (index ?? item) !== id) wrong.push(`item ${id} is called ${String(index ?? item)}`);
  };
  const options = { threads: pool, order, onError: 'emit', retries: 0, timeout: 1_000 } as const;
  await lastValueFrom(fromIterable(jobs()).pipe(parallel(work, options), tap(check)));
  console.log(
    JSON.stringify({ order, delivered: next, wrong: wrong.slice(0, 20), restarts: pool.restarts - restarts }),
  );
}
await pool.close();
