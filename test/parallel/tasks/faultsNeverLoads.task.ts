import { isMainThread } from 'node:worker_threads';
import { task } from '../../../src/parallel/task.ts';
import type { Job } from './faults.task.ts';

if (!isMainThread) await new Promise(() => setInterval(() => undefined, 1_000));

/** A task whose module is never done with being imported in a thread. */
export const neverLoads = task(import.meta.url, 'neverLoads', ({ id }: Job) => ({ id }));
