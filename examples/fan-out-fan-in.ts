/**
 * Ten jobs of half a second each, fanned out to three lanes, one of them on a thread, and fanned in again.
 *
 *     npm run example fan-out-fan-in
 *
 * Prints each result with its lane and where it was made, as it is done, and the time for all: about 2 s, where one lane would take 5.
 * Two lanes wait, as for a server; the green one computes, on a thread of its own, and holds nobody up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { fanOut, fromIterable, run, workerPool } from 'sluice';
import { parallel } from 'sluice/parallel';
import { map, tap, type Observable } from 'rxjs';
import { squareSlowly } from './fan-out-fan-in.task.ts';

const began = performance.now();
let results = 0;

const waiting = (name: string) => (jobs$: Observable<number>) =>
  jobs$.pipe(
    workerPool(
      async (job, { signal }) => {
        await sleep(500, undefined, { signal });
        return { job, square: job * job, thread: threadId };
      },
      { name, capacity: 0 },
    ),
  );

/** The same on a thread. */
const computing = (name: string) => (jobs$: Observable<number>) =>
  jobs$.pipe(parallel(squareSlowly, { name, threads: 1, concurrency: 1, capacity: 0 }));

const lanes = { red: waiting('red'), green: computing('green'), blue: waiting('blue') };

const flow = fromIterable([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).pipe(
  // The lane that is free takes the next; what comes out of all of them is one stream again.
  fanOut(3, (jobs$, i) => {
    const [name, lane] = Object.entries(lanes)[i]!;
    return jobs$.pipe(
      lane,
      map((squared) => ({ ...squared, name })),
    );
  }),
  tap(({ job, square, thread, name }) => {
    results++;
    console.log(`job ${job}: ${square} (${name}, ${thread === threadId ? 'here' : 'on a thread'})`);
  }),
);

await run(flow, { name: 'fan-out-fan-in', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`${results} results in ${((performance.now() - began) / 1000).toFixed(1)} s`);
