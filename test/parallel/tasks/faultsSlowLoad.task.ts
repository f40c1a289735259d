import { isMainThread } from 'node:worker_threads';
import { task } from '../../../src/parallel/task.ts';
import type { Job } from './faults.task.ts';

if (!isMainThread) await new Promise((resolve) => setTimeout(resolve, 400));

/** A task whose module takes its time to be imported in a thread. */
export const slowToLoad = task(import.meta.url, 'slowToLoad', ({ id }: Job) => ({ id }));
