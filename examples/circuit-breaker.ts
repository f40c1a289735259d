/**
 * A payment provider that fails four times in five for a while: the breaker opens, refuses at once, probes, and closes again.
 *
 *     npm run example circuit-breaker -- [--out timeline.html]
 *
 * Prints each change of the state with its time, how many payments were made, failed and were refused, and how long a refusal
 * took: microseconds, where a call takes milliseconds. With `--out` it also writes a page with all of it over time.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { abortable, backoff, CircuitBreaker, circuitBreaker, CircuitOpenError, run, unfold, workerPool } from 'sluice';
import { catchError, defer, of, tap } from 'rxjs';
import { timeline, type Payment, type Period } from './circuit-breaker/timeline.ts';

const { out } = parseArgs({ options: { out: { type: 'string' } } }).values;
const LASTS = 3000;
const OUTAGE = { from: 600, to: 1500 };

let seed = 3;
/** The same numbers from 0 to 1 in each run. */
const random = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;

const began = performance.now();
const time = () => performance.now() - began;

const payments: Payment[] = [];
const periods: Period[] = [{ state: 'closed', from: 0 }];
const refusals: number[] = [];

const breaker = new CircuitBreaker({
  name: 'payments',
  window: { calls: 20 },
  minimumCalls: 10,
  failureRate: 0.5,
  openFor: backoff({ initial: 150, max: 600, jitter: 'equal', random }),
  onStateChange: ({ from, to, reason }) => {
    periods.push({ state: to, from: time() });
    console.log(`${(time() / 1000).toFixed(2)} s  ${from} → ${to} (${reason})`);
  },
});

/** The provider, a few milliseconds away. */
const pay = abortable(async (signal) => {
  await sleep(5 + random() * 10, undefined, { signal });
  const isOut = time() >= OUTAGE.from && time() < OUTAGE.to;
  if (isOut && random() < 0.8) throw new Error('503');
});

/** A payment every 10 ms. */
const orders = unfold(0, async (n, { signal }) => {
  const wait = n * 10 - time();
  if (wait > 0) await sleep(wait, undefined, { signal });
  return time() < LASTS ? [n, n + 1] : undefined;
});

const flow = orders.pipe(
  workerPool(
    () =>
      defer(() => {
        const at = time();
        const done = (result: Payment['result']) => void payments.push({ at, result });
        return pay.pipe(
          circuitBreaker(breaker),
          tap(() => done('paid')),
          catchError((error: unknown) => {
            const isRefused = error instanceof CircuitOpenError;
            if (isRefused) refusals.push((time() - at) * 1000);
            done(isRefused ? 'refused' : 'failed');
            return of(undefined);
          }),
        );
      }),
    { name: 'pay', concurrency: 10 },
  ),
);

const { ended } = await run(flow, { name: 'circuit-breaker', quitOn: ['SIGINT', 'SIGTERM'] }).done;

const count = (result: Payment['result']) => payments.filter((it) => it.result === result).length;
console.log(`\n${count('paid')} paid, ${count('failed')} failed, ${count('refused')} refused without a call`);
if (refusals.length > 0) {
  const median = refusals.toSorted((a, b) => a - b)[refusals.length >> 1] as number;
  console.log(
    `a refusal took ${median.toFixed(1)} µs, with all that is around it, and ${often().toFixed(1)} µs in a loop`,
  );
}
if (out !== undefined && ended === 'completed') {
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, timeline({ payments, periods, outage: OUTAGE, lasts: time() }));
  console.log(`${out} shows it over time`);
} else if (out !== undefined) console.log('stopped: no page was written');

/** The microseconds that a refusal takes where there are many. */
function often(): number {
  const open = new CircuitBreaker({ name: 'loop' });
  const release = open.isolate();
  const start = performance.now();
  for (let i = 0; i < 10_000; i++) if (open.tryBegin() === undefined) open.refusal();
  release();
  return (performance.now() - start) / 10;
}
