/**
 * A pipeline: ten random numbers, doubled, of which those above 10 are kept. One stage is slow, and the report names it.
 *
 *     npm run example pipeline
 *
 * Prints the numbers that are kept, all of them even and above 10, and the report of every stage.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { buffered, formatReport, fromIterable, run, workerPool } from 'sluice';
import { filter, tap } from 'rxjs';

function* randomNumbers(count: number) {
  for (let i = 0; i < count; i++) yield Math.floor(Math.random() * 20);
}

const kept: number[] = [];
const flow = fromIterable(() => randomNumbers(10)).pipe(
  workerPool(
    async (n, { signal }) => {
      await sleep(20, undefined, { signal });
      return n * 2;
    },
    { name: 'double' },
  ),
  // The stages on both sides of the buffer need not keep step.
  buffered({ capacity: 4 }),
  workerPool(
    async (n, { signal }) => {
      await sleep(60, undefined, { signal });
      return n;
    },
    { name: 'inspect' },
  ),
  filter((n) => n > 10),
  tap((n) => kept.push(n)),
);

const report = await run(flow, { name: 'pipeline', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`above 10: ${kept.join(' ')}\n`);
console.log(formatReport(report));
