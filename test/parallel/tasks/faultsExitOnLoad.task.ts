import { isMainThread } from 'node:worker_threads';
import { task } from '../../../src/parallel/task.ts';
import type { Job } from './faults.task.ts';

if (!isMainThread) process.exit(9);

/** A task whose module ends every thread that imports it. */
export const exitsOnLoad = task(import.meta.url, 'exitsOnLoad', ({ id }: Job) => ({ id }));
