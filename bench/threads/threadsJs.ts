import { type EventEmitter, setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import type { Item, Job, Result } from './Contender.ts';

/** A thread of threads.js that has the jobs. */
export type JobThread = Record<Job, (item: unknown) => Promise<Result>>;

/** What of threads.js is used here. Its own types would bring those of a browser into the whole project. */
interface ThreadsJs {
  Worker: new (path: string) => EventEmitter;
  spawn(worker: EventEmitter): Promise<JobThread>;
  Thread: { terminate(thread: JobThread): Promise<void> };
  Transfer(buffer: ArrayBuffer): unknown;
  Pool(
    start: () => Promise<JobThread>,
    size: number,
  ): {
    queue(call: (thread: JobThread) => Promise<Result>): PromiseLike<Result>;
    terminate(force: boolean): Promise<void>;
  };
}

/** threads.js. */
export const threadsJs = createRequire(import.meta.url)('threads') as ThreadsJs;

/** Starts a thread that has the jobs. */
export async function startThread(): Promise<JobThread> {
  const worker = new threadsJs.Worker('./threadsWorker.js');
  // Each call adds one: warnings would be most of what is measured.
  setMaxListeners(0, worker);
  return threadsJs.spawn(worker);
}

/** Calls one of them. */
export async function callOf(thread: JobThread, job: Job, item: Item, transfer: boolean): Promise<Result> {
  return thread[job](transfer ? threadsJs.Transfer(item as ArrayBuffer) : item);
}
