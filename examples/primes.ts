/**
 * The primes below 500 million, counted on all cores, a million numbers at a time.
 *
 *     npm run example primes -- [BELOW]
 *
 * Prints how many there are and the largest one, the time, and whether another method, which needs no list of primes, counts as many.
 * `SLUICE_THREADS=1` runs it on one thread, for comparison. After Ctrl-C it prints what has been counted by then.
 */
import { parseArgs } from 'node:util';
import { fromIterable, run } from 'sluice';
import { parallel, ThreadPool } from 'sluice/parallel';
import { tap } from 'rxjs';
import { primeCount } from './primes/primeCount.ts';
import { countPrimes, type Range } from './primes.task.ts';

const EACH = 1_000_000;

const below = Number(parseArgs({ allowPositionals: true }).positionals[0]?.replaceAll(/[,_]/g, '') ?? 500_000_000);
if (!Number.isSafeInteger(below) || below < 1) {
  console.error('BELOW must be a whole number of 1 or more');
  process.exit(1);
}

function* ranges(): Generator<Range> {
  for (let from = 0; from < below; from += EACH) yield { from, to: Math.min(from + EACH, below) };
}

let count = 0;
let largest = 0;
let numbers = 0;

const threads = new ThreadPool();
const flow = fromIterable(ranges).pipe(
  parallel(countPrimes, { threads }),
  tap((found) => {
    count += found.count;
    largest = Math.max(largest, found.largest);
    numbers += found.to - found.from;
  }),
);

const { elapsed, ended } = await run(flow, { name: 'primes', quitOn: ['SIGINT', 'SIGTERM'] }).done;
await threads.close();

const text = (n: number) => n.toLocaleString('en-US');
if (ended === 'completed') {
  console.log(`${text(count)} primes below ${text(below)}, the largest ${text(largest)}`);
  console.log(`${(elapsed / 1000).toFixed(1)} s on ${threads.size} thread${threads.size === 1 ? '' : 's'}`);
  const expected = primeCount(below - 1);
  console.log(`counted another way: ${text(expected)}, ${expected === count ? 'the same' : 'WRONG'}`);
  if (expected !== count) process.exitCode = 1;
} else {
  console.log(`stopped after ${text(numbers)} of ${text(below)} numbers: ${text(count)} primes`);
}
