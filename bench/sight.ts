import { spawn } from 'node:child_process';
import { NEVER, type Observable } from 'rxjs';
import { fromIterable, run, workerPool, type RunOptions } from 'sluice';
import type { Contender, Table } from './Table.ts';

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

const job = async (n: number) => {
  await Promise.resolve();
  return n;
};

/** Four stages, which wait for each other. */
const flow = (items: number): Observable<number> =>
  fromIterable(numbers(items)).pipe(
    workerPool(job, { name: 'a', concurrency: 8 }),
    workerPool(job, { name: 'b', concurrency: 8 }),
    workerPool(job, { name: 'c', concurrency: 8 }),
    workerPool(job, { name: 'd', concurrency: 8 }),
  );

/** As many stages as the page has to bear. */
const longFlow = (items: number): Observable<number> =>
  Array.from({ length: 300 }, (_, i) => `stage ${i}`).reduce<Observable<number>>(
    (above, name) => above.pipe(workerPool(job, { name, concurrency: 8 })),
    fromIterable(numbers(items)),
  );

type Make = typeof flow;

const running = async (make: Make, items: number, options: RunOptions = {}) =>
  (await run(make(items), options).done).results;

/** Rows in which another process looks on. */
const watchedFlows = (make: Make): Record<string, Contender> => ({
  'run, inspected ten times a second': {
    ours: true,
    run: async (items) => {
      await watched(reader);
      return running(make, items, { inspect: { port: port! } });
    },
  },
  'run, inspected by one who does not read': {
    ours: true,
    run: async (items) => {
      await watched(sleeper);
      return running(make, items, { inspect: { port: port! } });
    },
  },
});

/** What it costs to look at a flow while it runs. */
export const sight: Table = {
  title: 'sight: four stages (await one microtask each) under `run`, looked at and not',
  items: 1_000_000,
  base: 'run',
  claims: [
    { row: 'run, inspected by nobody', than: 'run', atMost: 1.05 },
    { row: 'run, inspected ten times a second', than: 'run', atMost: 1.05 },
  ],
  contenders: {
    subscribe: {
      ours: true,
      run: (items) =>
        new Promise((resolve, reject) => void flow(items).subscribe({ complete: () => resolve(items), error: reject })),
    },
    run: { ours: true, run: (items) => running(flow, items) },
    'run, inspected by nobody': {
      ours: true,
      run: async (items) => {
        await inspectedFlow();
        return running(flow, items, { inspect: { port: port! } });
      },
    },
    ...watchedFlows(flow),
    'run, with context': { ours: true, run: (items) => running(flow, items, { context: true }) },
  },
};

/** The same where each look has many stages to see. */
export const longSight: Table = {
  title: 'sight: 300 stages (await one microtask each) under `run`, looked at and not',
  items: 10_000,
  base: 'run',
  claims: [],
  contenders: {
    run: { ours: true, run: (items) => running(longFlow, items) },
    ...watchedFlows(longFlow),
  },
};

let port: number | undefined;

/** Keeps an inspector there from one run to the next: it ends with its last flow. */
async function inspectedFlow(): Promise<string> {
  const { inspector } = await (idle ??= begin());
  return inspector!.url;
}

let idle: ReturnType<typeof begin> | undefined;

async function begin() {
  const kept = run(NEVER, { name: 'kept', inspect: { port: 0 } });
  while (kept.inspector === undefined) await new Promise((resolve) => void setTimeout(resolve, 5));
  port = Number(new URL(kept.inspector.url).port);
  return kept;
}

/** Reads what the inspector tells its page. */
const reader = (url: string) => `fetch('${url}events?every=100').then((it) => it.text())`;

/** Reads nothing of it, and stays. */
const sleeper = (url: string) =>
  `const parent = process.ppid; require('node:http').get('${url}events?every=100', (it) => it.pause()); setInterval(() => process.ppid === parent || process.exit(), 1_000)`;

/** Has a process look at the flows of this one, in the way that it is told. */
async function watched(program: (url: string) => string): Promise<void> {
  const url = await inspectedFlow();
  if (watcher !== undefined) return;
  const child = spawn(process.execPath, ['--eval', program(url)], { stdio: 'ignore' });
  watcher = child;
  child.unref();
  process.once('exit', () => child.kill());
}

let watcher: ReturnType<typeof spawn> | undefined;
