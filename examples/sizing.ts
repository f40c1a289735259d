/**
 * How large a pool has to be: first by the formulas, then tried out against a server that takes 50 ms a request.
 *
 *     npm run example sizing
 *
 * Prints the concurrency that 200 requests a second need, what that concurrency gets done here, what more cores are good for, and from
 * how many workers on more of them get less done.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { amdahl, fromIterable, littlesLaw, poolSize, run, usl, workerPool } from 'sluice';

const LATENCY = 50;
const WANTED = 200;
const REQUESTS = 200;

const concurrency = poolSize({ kind: 'io', rate: WANTED, latency: LATENCY });
console.log(`${WANTED} requests a second of ${LATENCY} ms need ${concurrency} at once`);

const began = performance.now();
const flow = fromIterable(Array(REQUESTS).keys()).pipe(
  workerPool(async (_, { signal }) => sleep(LATENCY, undefined, { signal }), { name: 'request', concurrency }),
);
const report = await run(flow, { name: 'sizing', quitOn: ['SIGINT', 'SIGTERM'] }).done;
const seconds = (performance.now() - began) / 1000;
const rate = report.results / seconds;
const { inFlight } = littlesLaw({ rate, latency: LATENCY });
console.log(`tried: ${rate.toFixed(0)} a second, so ${inFlight.toFixed(1)} were under way on average`);

for (const cores of [2, 4, 16, Infinity]) {
  console.log(`${cores} cores make work of which 90 % can be divided ${amdahl(0.9, cores).toFixed(2)} times as fast`);
}

const { peak } = usl({ concurrency: 1, contention: 0.05, coherency: 0.006, rate: 100 });
console.log(
  `workers that wait for each other: ${peak.concurrency} get the most done, ${peak.throughput.toFixed(0)} a second`,
);
