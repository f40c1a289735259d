import { payloads, type Payload } from './payloads.ts';
import { Workload } from './Workload.ts';

/** Microseconds of work an item, by the words of the tables. */
export const costs = { 'add one': 0, '10 µs': 10, '100 µs': 100, '1 ms': 1_000, '10 ms': 10_000 } as const;

/** One item of a hundred, each time at another place, takes five hundred times as long as the others. */
export const SKEWED = '1 % of 10 ms, 99 % of 20 µs';

const skewedMicros = Array.from({ length: 1_000 }, (_, i) =>
  i % 100 === (Math.floor(i / 100) * 37) % 100 ? 10_000 : 20,
);

/** The workload that is also measured on fewer threads. */
export const SCALED = workloadName('number', '100 µs');

/** How much longer it takes until the compiler has seen all that a small number goes through. */
const SETTLING = 3;
/** How much longer a run is where a message is much beside an item: so long that its beginning and its end, and the compiler, do not count. */
const SATURATED = 9;

const even = Object.entries(payloads).flatMap(([name, payload]: [string, Payload]) =>
  Object.entries(costs).map(([cost, micros]) => {
    const long = name !== 'number' || micros > 100 ? 1 : micros === 0 ? SETTLING : SATURATED;
    return [workloadName(name, cost), new Workload(payload, [micros], long)] as const;
  }),
);

/** All workloads by their names, in the order in which a process goes through them: those that move buffers come last. */
export const workloads: ReadonlyMap<string, Workload> = new Map([
  ...even.slice(0, Object.keys(costs).length),
  [SKEWED, new Workload(payloads.number, skewedMicros, SATURATED)],
  ...even.slice(Object.keys(costs).length),
]);

/** The name of the workload whose items are all of this kind and cost. */
export function workloadName(payload: string, cost: string): string {
  return `${payload}, ${cost}`;
}
