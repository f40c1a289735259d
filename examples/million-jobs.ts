/**
 * A million asynchronous jobs, never more than a hundred at once, in a few megabytes of memory.
 *
 *     npm run example million-jobs -- [COUNT]
 *
 * Prints the number of results and their sum, the most jobs in flight (100), how far the heap grew beyond its size at the start, and the rate.
 */
import { parseArgs } from 'node:util';
import { fromIterable, run, workerPool } from 'sluice';
import { tap } from 'rxjs';

const count = Number(parseArgs({ allowPositionals: true }).positionals[0]?.replaceAll(/[,_]/g, '') ?? 1_000_000);
if (!Number.isSafeInteger(count) || count < 1) {
  console.error('COUNT must be a whole number of 1 or more');
  process.exit(1);
}

function* jobs() {
  for (let i = 0; i < count; i++) yield i;
}

let inFlight = 0;
let peak = 0;
let sum = 0;
let results = 0;
let heapPeak = 0;
const heapAtStart = process.memoryUsage().heapUsed;

const flow = fromIterable(jobs).pipe(
  workerPool(
    async (n) => {
      peak = Math.max(peak, ++inFlight);
      await Promise.resolve(); // where a real job would wait for a database or a server
      inFlight--;
      return n % 10;
    },
    { name: 'job', concurrency: 100 },
  ),
  tap((n) => {
    sum += n;
    if (++results % 10_000 === 0) heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed);
  }),
);

const { elapsed, ended } = await run(flow, { name: 'million-jobs', quitOn: ['SIGINT', 'SIGTERM'] }).done;
const megabytes = Math.max(heapPeak - heapAtStart, 0) / 2 ** 20;
console.log(`${results.toLocaleString('en-US')} results, sum ${sum.toLocaleString('en-US')}, ${ended}`);
console.log(`peak in flight: ${peak}`);
console.log(`heap growth: ${megabytes.toFixed(0)} MB at most`);
console.log(`rate: ${Math.round((results / elapsed) * 1000).toLocaleString('en-US')} jobs/s`);
