/**
 * Five jobs of a second each on a pool of three workers.
 *
 *     npm run example worker-pool
 *
 * Prints each result, twice the job's number, as it is done, and the time for all: about 2 s, where one worker would take 5.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatReport, fromIterable, run, workerPool } from 'sluice';
import { tap } from 'rxjs';

const began = performance.now();
const flow = fromIterable([1, 2, 3, 4, 5]).pipe(
  workerPool(
    async (job, { signal }) => {
      await sleep(1000, undefined, { signal });
      return { job, result: job * 2 };
    },
    { name: 'worker', concurrency: 3 },
  ),
  tap(({ job, result }) => console.log(`job ${job}: ${result}`)),
);

const report = await run(flow, { name: 'worker-pool', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`${report.results} results in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
console.log(formatReport(report));
