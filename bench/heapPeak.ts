import { lastValueFrom, scan, tap } from 'rxjs';
import { fromIterable, workerPool } from 'sluice';

/**
 * The most heap in use at any moment while `items` small jobs go through a pool of a hundred, in megabytes beyond what was in
 * use before. The garbage is collected before each look, of which there are fifty.
 */
export async function heapPeak(items: number): Promise<number> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('heapPeak() needs node --expose-gc');
  function* numbers() {
    for (let i = 0; i < items; i++) yield i;
  }
  await flow([0], () => {});
  collect();
  const before = process.memoryUsage().heapUsed;
  let seen = 0;
  let peak = 0;
  await flow(numbers(), () => {
    if (++seen % (items / 50) !== 0) return;
    collect();
    peak = Math.max(peak, process.memoryUsage().heapUsed - before);
  });
  return peak / 2 ** 20;
}

const job = async (n: number) => Promise.resolve(n);

function flow(source: Iterable<number>, look: () => void) {
  return lastValueFrom(
    fromIterable(source).pipe(
      workerPool(job, { concurrency: 100 }),
      scan((sum, n) => sum + n, 0),
      tap(look),
    ),
  );
}
