/**
 * Backends that are slow now and then: the same requests once as they are, and once hedged, with what that costs in extra
 * requests.
 *
 *     npm run example hedged -- [--out hedged.html]
 *
 * Prints the median, the 95th and the 99th percentile without and with hedging, and how many requests more were made: some
 * percent, for a 99th percentile that is a fraction. With `--out` it also writes a page with both as curves.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { abortable, Budget, fromIterable, hedge, run, workerPool } from 'sluice';
import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { page, type Measured } from './hedged/page.ts';

const { out } = parseArgs({ options: { out: { type: 'string' } } }).values;
const REQUESTS = 600;
const AT_ONCE = 20;

let quit = false;
let seed = 7;
/** The same numbers from 0 to 1 in each run. */
const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;

/** One request in 33 meets a backend that is busy with something else. */
const takes = () => (random() < 0.03 ? 600 + random() * 300 : 8 + random() * 12);

async function measure(name: string, guard: MonoTypeOperatorFunction<void>): Promise<Measured> {
  const durations: number[] = [];
  let requests = 0;
  const request = abortable(async (signal) => {
    requests++;
    await sleep(takes(), undefined, { signal });
  });
  const call = () =>
    defer(() => {
      const began = performance.now();
      return request.pipe(
        guard,
        tap(() => durations.push(performance.now() - began)),
      );
    });
  const flow = fromIterable(Array.from({ length: REQUESTS }, (_, i) => i)).pipe(
    workerPool(call, { name, concurrency: AT_ONCE }),
  );
  const { ended } = await run(flow, { name, quitOn: ['SIGINT', 'SIGTERM'] }).done;
  quit = ended === 'quit';
  return { name, durations: durations.toSorted((a, b) => a - b), requests };
}

const asTheyAre = await measure('as they are', (call$) => call$);
if (!quit) {
  // As late as one in twenty; at most a tenth more requests, whatever happens.
  const hedged = await measure('hedged', hedge({ after: 'p95', budget: new Budget({ ratio: 0.1 }) }));
  if (!quit) await show([asTheyAre, hedged]);
}
if (quit) console.log('stopped: there is nothing to compare');

async function show(both: readonly Measured[]): Promise<void> {
  console.log(`${REQUESTS} requests, ${AT_ONCE} at once\n`);
  console.log(`${''.padEnd(12)} ${['p50', 'p95', 'p99'].map((it) => it.padStart(8)).join('')}   requests made`);
  for (const { name, durations, requests } of both) {
    const figures = [0.5, 0.95, 0.99].map((q) => `${Math.round(at(durations, q))} ms`.padStart(8)).join('');
    console.log(`${name.padEnd(12)} ${figures}   ${requests}`);
  }
  const [before, after] = both.map(({ durations }) => at(durations, 0.99)) as [number, number];
  const [few, more] = both.map(({ requests }) => requests) as [number, number];
  console.log(
    `\np99 is ${(before / after).toFixed(1)} times as fast, for ${((more / few - 1) * 100).toFixed(1)} % more requests`,
  );
  if (out === undefined) return;
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, page(both));
  console.log(`${out} shows both`);
}

/** The duration that a share of all stayed within. */
function at(sorted: readonly number[], q: number): number {
  return sorted[Math.ceil(q * sorted.length) - 1] as number;
}
