/**
 * Twenty items on two flows, of which a semaphore lets at most four be at work at once.
 *
 *     npm run example semaphore
 *
 * Prints how many items were done, how many permits are left, and the most that were ever at work: `peak: 4 of 4`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { abortable, fanIn, fromIterable, run, Semaphore, withPermit, workerPool } from 'sluice';

const semaphore = new Semaphore(4);
let atWork = 0;
let peak = 0;

const work = (item: string) =>
  abortable(async (signal) => {
    peak = Math.max(peak, ++atWork);
    try {
      await sleep(50, undefined, { signal });
      return item;
    } finally {
      atWork--;
    }
  }).pipe(withPermit(semaphore));

/** Each flow on its own would have up to eight at work. */
const flow = (name: string) =>
  fromIterable(Array.from({ length: 10 }, (_, n) => `${name}${n + 1}`)).pipe(
    workerPool(work, { name, concurrency: 8 }),
  );

const report = await run(fanIn(flow('a'), flow('b')), { name: 'semaphore', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`${report.results} items done, ${semaphore.available} permits left, ${semaphore.waiting} waiting`);
console.log(`peak: ${peak} of ${semaphore.size}`);
