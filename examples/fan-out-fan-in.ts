/**
 * Ten jobs of half a second each, fanned out to three lanes and fanned in again.
 *
 *     npm run example fan-out-fan-in
 *
 * Prints each result with its lane, as it is done, and the time for all: about 2 s, where one lane would take 5.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { channel, fanIn, run, workerPool } from 'sluice';
import { tap } from 'rxjs';

const began = performance.now();
const jobs = channel<number>({ capacity: 0 });
let results = 0;

/** Several receivers of one channel share its items: the lane that is free takes the next. */
const lane = (name: string) =>
  jobs.pipe(
    workerPool(
      async (job, { signal }) => {
        await sleep(500, undefined, { signal });
        return `job ${job}: ${job * job} (${name})`;
      },
      { name, capacity: 0 },
    ),
  );

async function send() {
  for (let job = 1; job <= 10; job++) await jobs.send(job);
  jobs.close();
}

const flow = fanIn(lane('red'), lane('green'), lane('blue')).pipe(
  tap((result) => {
    results++;
    console.log(result);
  }),
);

const sending = Promise.allSettled([send()]);
await run(flow, { name: 'fan-out-fan-in', quitOn: ['SIGINT', 'SIGTERM'] }).done;
// After Ctrl-C nobody takes the job that still waits to be sent.
jobs.close();
await sending;
console.log(`${results} results in ${((performance.now() - began) / 1000).toFixed(1)} s`);
