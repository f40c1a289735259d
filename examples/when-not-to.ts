/**
 * When not to use threads: the same flow with work of nanoseconds, of microseconds and of a millisecond, here and on threads, measured on the spot.
 *
 *     npm run example when-not-to -- [--items 200000]
 *
 * Prints a small chart for each kind of work, which way won and by how much, and what follows: trivial work is done soonest where it is,
 * work for the processor on threads, and where it is not known beforehand, `inline: 'auto'` measures and decides.
 */
import { parseArgs } from 'node:util';
import { fromIterable, run } from 'sluice';
import { parallel, ThreadPool, type Task } from 'sluice/parallel';
import { map, type OperatorFunction } from 'rxjs';
import { chart, type Measured } from './when-not-to/chart.ts';
import { addOne, grind, shuffleBits } from './when-not-to.task.ts';

const { items } = parseArgs({ options: { items: { type: 'string', default: '200000' } } }).values;
const most = Number(items);
if (!Number.isSafeInteger(most) || most < 1_000 || most > 10_000_000) {
  console.error('--items must be a whole number from 1000 to 10000000');
  process.exit(1);
}

const works = [
  { what: 'add one: some nanoseconds', task: addOne, count: most },
  { what: 'shuffle bits: some microseconds', task: shuffleBits, count: Math.ceil(most / 10) },
  { what: 'grind: about a millisecond', task: grind, count: Math.ceil(most / 500) },
];

const threads = new ThreadPool();
const HERE = 'here';
const THREADS = `on ${threads.size} thread${threads.size === 1 ? '' : 's'}`;
const ADVICE = `Before you use threads:
- measure: an item that is done in a microsecond costs more to send than to do, and one of a few gains little
- what waits (for a file, a server, a timer) needs no thread: workerPool, with a concurrency of more than one
- small items are better sent many at a time: batch({ size }) above parallel, and a task that takes an array
- if you cannot know, parallel(task, { inline: 'auto' }) measures, and does here what is too little for a thread`;
let quit = false;

/** How many milliseconds it takes to do the work on so many items. */
async function measure(work: OperatorFunction<number, number>, count: number): Promise<number> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const { elapsed, ended } = await run(fromIterable(numbers).pipe(work), { quitOn: ['SIGINT', 'SIGTERM'] }).done;
  quit = ended === 'quit';
  return elapsed;
}

async function compare(task: Task<number, number>, count: number): Promise<Measured[]> {
  // `fn` is what the task would do on a thread, done here.
  const here = map((n: number) => task.fn(n, undefined as never) as number);
  const ways: [string, OperatorFunction<number, number>][] = [
    [HERE, here],
    [THREADS, parallel(task, { threads })],
    ["inline: 'auto'", parallel(task, { threads, inline: 'auto' })],
  ];
  const measured: Measured[] = [];
  for (const [way, work] of ways) {
    // Threads that have started, and code that has been compiled: what the first second of a program costs is another matter.
    if (!quit) await measure(work, Math.ceil(count / 10));
    if (!quit) measured.push({ way, elapsed: await measure(work, count) });
  }
  return measured;
}

for (const { what, task, count } of works) {
  const measured = await compare(task, count);
  if (quit) break;
  console.log(`${what}, ${count.toLocaleString('en-US')} items`);
  for (const line of chart(measured)) console.log(line);
  console.log(`  ${verdict(measured)}\n`);
}
await threads.close();
console.log(quit ? 'stopped' : ADVICE);

function verdict(measured: readonly Measured[]): string {
  const timeOf = (name: string) => measured.find(({ way }) => way === name)!.elapsed;
  const ratio = timeOf(HERE) / timeOf(THREADS);
  if (ratio > 1) return `threads win: ${ratio.toFixed(1)} times as fast`;
  return `threads lose: ${(1 / ratio).toFixed(1)} times as slow as doing it here`;
}
