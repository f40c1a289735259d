import { isMainThread } from 'node:worker_threads';
import { task } from '../../../src/parallel/task.ts';
import type { Job } from './faults.task.ts';

if (!isMainThread) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  throw Object.assign(new Error('no licence'), { code: 'E_LICENCE' });
}

/** A task whose module cannot be imported in a thread. */
export const throwsOnLoad = task(import.meta.url, 'throwsOnLoad', ({ id }: Job) => ({ id }));
