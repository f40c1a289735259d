/**
 * Ten jobs of half a second each, fanned out to three lanes, one of them on a thread, and fanned in again.
 *
 *     npm run example fan-out-fan-in
 *
 * Prints each result with its lane, as it is done, and the time for all: about 2 s, where one lane would take 5. Two lanes wait, as for
 * a server; the green one computes, on a thread of its own, and holds nobody up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { channel, fanIn, run, workerPool } from 'sluice';
import { parallel } from 'sluice/parallel';
import { map, tap } from 'rxjs';
import { squareSlowly } from './fan-out-fan-in.task.ts';

const began = performance.now();
const jobs = channel<number>({ capacity: 0 });
let results = 0;

/** Several receivers of one channel share its items: the lane that is free takes the next. */
const lane = (name: string) =>
  jobs.pipe(
    workerPool(
      async (job, { signal }) => {
        await sleep(500, undefined, { signal });
        return { job, square: job * job, lane: name };
      },
      { name, capacity: 0 },
    ),
  );

/** The same on a thread. */
const threadLane = (name: string) =>
  jobs.pipe(
    parallel(squareSlowly, { name, threads: 1, concurrency: 1, capacity: 0 }),
    map((squared) => ({ ...squared, lane: name })),
  );

async function send() {
  for (let job = 1; job <= 10; job++) await jobs.send(job);
  jobs.close();
}

const flow = fanIn(lane('red'), threadLane('green'), lane('blue')).pipe(
  tap(({ job, square, lane: name }) => {
    results++;
    console.log(`job ${job}: ${square} (${name})`);
  }),
);

const sending = Promise.allSettled([send()]);
await run(flow, { name: 'fan-out-fan-in', quitOn: ['SIGINT', 'SIGTERM'] }).done;
// After Ctrl-C nobody takes the job that still waits to be sent.
jobs.close();
await sending;
console.log(`${results} results in ${((performance.now() - began) / 1000).toFixed(1)} s`);
