import type { Started } from './Contender.ts';
import { workloads } from './workloads.ts';

/** What a process measured of its contender. */
export interface MeasuredRow {
  /** Of each workload: nanoseconds an item, and how many items there were. */
  readonly of: Readonly<Record<string, { readonly ns: number; readonly items: number }>>;
  /** Microseconds from handing over a lone item until its result is there: the middle one, and the one that 99 % do not exceed. */
  readonly alone: { readonly p50: number; readonly p99: number };
}

/** Measures the workloads of these names, or all of them, with runs of about `ms` milliseconds. Throws where a sum is wrong. */
export async function measureStarted(
  started: Started,
  threads: number,
  perMicro: number,
  ms: number,
  names: readonly string[],
): Promise<MeasuredRow> {
  // Until every thread has loaded what it needs.
  await started.run(
    'ofNumber',
    Array.from({ length: 10 * threads }, () => Math.round(1_000 * perMicro)),
    false,
  );
  const of: Record<string, { ns: number; items: number }> = {};
  for (const name of names.length > 0 ? names : workloads.keys()) {
    of[name] = await measureOne(started, threads, name, perMicro, ms);
  }
  return { of, alone: await measureAlone(started, ms) };
}

async function measureOne(started: Started, threads: number, name: string, perMicro: number, ms: number) {
  const workload = workloads.get(name)!;
  const { job, moved = false } = workload.payload;
  const { take, expected } = workload.prepare(perMicro);
  const long = ms * workload.long;
  const time = async (items: number) => {
    const began = performance.now();
    const sum = await started.run(job, take(items), moved);
    const took = performance.now() - began;
    if (sum !== expected(items))
      throw new Error(`${name}: the sum of ${items} is ${sum} instead of ${expected(items)}`);
    return took;
  };
  // The compiler, and whatever adapts itself, gets to see the work first; that shows how many items a run can have.
  let items = 8;
  let took = await time(items);
  for (; took < long / 3; took = await time(items)) items *= took < long / 30 ? 8 : 2;
  const unit = workload.unit(threads);
  // A run that something disturbed says too little of how many: then again.
  do {
    items = Math.max(1, Math.round((items * long) / took / unit)) * unit;
    took = await time(items);
  } while (took < long / 2);
  return { ns: (took * 1e6) / items, items };
}

async function measureAlone(started: Started, ms: number) {
  await started.alone(zeros(ms / 2));
  const took = (await started.alone(zeros(ms * 2))).toSorted((a, b) => a - b);
  const at = (share: number) => took[Math.floor((took.length - 1) * share)]! * 1_000;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Nothing to spin, for so long. */
function* zeros(ms: number) {
  for (const end = performance.now() + ms; performance.now() < end;) yield 0;
}
