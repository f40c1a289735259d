/**
 * Twenty jobs on five workers, of which one panics: errors as values, and a pool that goes on.
 *
 *     npm run example jobs-results
 *
 * Prints the failure, how many jobs went well (19) and failed (1), and that all five workers were still at work afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromIterable, run, splitResults, workerPool } from 'sluice';
import { tap } from 'rxjs';

const jobs = Array.from({ length: 20 }, (_, i) => i + 1);
const PANICS = 7;

let running = 0;
let mostAfterwards = 0;
let ok = 0;
let failed = 0;

const flow = fromIterable(jobs).pipe(
  workerPool(
    async (job, { signal }) => {
      running++;
      try {
        await sleep(20, undefined, { signal });
        if (job === PANICS) throw new Error(`job ${job} panics`);
        if (job > PANICS + 5) mostAfterwards = Math.max(mostAfterwards, running);
        return job * job;
      } finally {
        running--;
      }
    },
    { name: 'worker', concurrency: 5, onError: 'emit' },
  ),
  splitResults(
    (squares$) => squares$.pipe(tap(() => ok++)),
    (failures$) =>
      failures$.pipe(
        tap(({ item, error }) => {
          failed++;
          console.log(`job ${item} failed: ${(error as Error).message}`);
        }),
      ),
  ),
);

await run(flow, { name: 'jobs-results', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`${ok} ok, ${failed} error, pool still ${mostAfterwards}`);
