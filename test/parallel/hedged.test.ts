import { defer, lastValueFrom, mergeMap, of, race, toArray, type Observable } from 'rxjs';
import { afterAll, expect, test } from 'vitest';
import { workerPool } from 'sluice';
import { parallel, ThreadPool } from 'sluice/parallel';
import { BEGUN, makeCells, TOLD } from './tasks/cells.ts';
import { firstHeld } from './tasks/cancel.task.ts';
import { until } from './until.ts';

const pool = new ThreadPool({ threads: 2 });
afterAll(() => pool.close());

test('an item may be tried on two threads: the first result counts, and the other try is told that nobody wants it', async () => {
  const cells = makeCells();
  const one = (n: number): Observable<number> =>
    of({ cells, n }).pipe(parallel(firstHeld, { threads: pool, grace: 20_000 }));
  const another = (n: number): Observable<number> =>
    defer(() => until(() => Atomics.load(cells, BEGUN) === 1)).pipe(mergeMap(() => one(n)));
  const results = of(7).pipe(workerPool((n: number) => race(one(n), another(n))));
  expect(await lastValueFrom(results.pipe(toArray()))).toEqual([7]);
  await until(() => Atomics.load(cells, TOLD) === 1);
  expect([Atomics.load(cells, BEGUN), pool.restarts]).toEqual([2, 0]);
});
