import { spawn } from 'node:child_process';
import { NEVER, type Observable } from 'rxjs';
import { fromIterable, run, workerPool, type RunOptions } from 'sluice';
import type { Table } from './Table.ts';

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

const running = async (items: number, options: RunOptions = {}) => (await run(flow(items), options).done).results;

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
    run: { ours: true, run: (items) => running(items) },
    'run, inspected by nobody': {
      ours: true,
      run: async (items) => {
        await inspectedFlow();
        return running(items, { inspect: { port: port! } });
      },
    },
    'run, inspected ten times a second': {
      ours: true,
      run: async (items) => {
        await watched();
        return running(items, { inspect: { port: port! } });
      },
    },
    'run, with context': { ours: true, run: (items) => running(items, { context: true }) },
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

/** A process that reads what the inspector tells its page. */
async function watched(): Promise<void> {
  const url = await inspectedFlow();
  if (watcher !== undefined) return;
  const reads = `fetch('${url}events?every=100').then((it) => it.text())`;
  const child = spawn(process.execPath, ['--eval', reads], { stdio: 'ignore' });
  watcher = child;
  child.unref();
  process.once('exit', () => child.kill());
}

let watcher: ReturnType<typeof spawn> | undefined;
