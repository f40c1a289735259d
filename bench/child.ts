/**
 * Runs one contender in a process of its own and prints what it measured as JSON: `child.ts TABLE NUMBER CONTENDER SCALE`,
 * or `child.ts heap ITEMS`, or `child.ts nothing` for what a process takes that does nothing.
 */
import { heapPeak } from './heapPeak.ts';
import type { Measured } from './Table.ts';
import { tables } from './tables.ts';

/** Milliseconds: for how long, at least, the compiler gets to see the work first, and after which no further run begins. */
const WARM = 300;
const ENOUGH = 600;

const [name = '', second = '', row = '', scale = '1'] = process.argv.slice(2);
let measured: unknown;
if (name === 'heap') measured = await heapPeak(Number(second));
else if (name === 'nothing') measured = peakRss();
else {
  const table = tables[name]![Number(second)]!;
  const contender = table.contenders[row]!;
  if (typeof contender.run !== 'function') throw new TypeError(`"${row}" is a program in Go`);
  measured = await measure(contender.run, Math.round((contender.items ?? table.items) * Number(scale)));
}
process.stdout.write(JSON.stringify(measured));

/** The fastest of several runs: what else the machine does can only make a run slower. */
async function measure(run: (items: number) => Promise<unknown>, items: number): Promise<Measured> {
  const start = performance.now();
  const few = Math.ceil(items / 10);
  do await run(few);
  while (performance.now() - start < WARM);
  const first = performance.now();
  let fastest = Infinity;
  for (let began = first; began - first < ENOUGH; began = performance.now()) {
    await run(items);
    fastest = Math.min(fastest, performance.now() - began);
  }
  return { ns: (fastest * 1e6) / items, rss: peakRss() };
}

function peakRss(): number {
  return process.resourceUsage().maxRSS / 1024;
}
