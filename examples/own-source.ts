/**
 * A pausable source of your own: a clock face whose hand moves only when somebody looks.
 *
 *     npm run example own-source
 *
 * Prints how many values the source had made when the stage below it had finished three: no more than those
 * and what that stage may hold.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { demand, run, workerPool } from 'sluice';
import { Observable, take, tap } from 'rxjs';

let made = 0;

/** Counts from 1, for ever, whenever the stage below wants another number. */
const counter = () =>
  new Observable<number>((subscriber) => {
    demand(subscriber, { name: 'counter' }, (below) => {
      while (below.wants()) below.send(++made);
    });
  });

let finished = 0;
const flow = counter().pipe(
  workerPool(
    async (n, { signal }) => {
      await sleep(10, undefined, { signal });
      return n;
    },
    { name: 'slow', concurrency: 2, capacity: 3 },
  ),
  take(3),
  tap(() => finished++),
);

await run(flow, { name: 'own-source', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`finished ${finished}, made ${made}: the stage holds at most 5 more`);
