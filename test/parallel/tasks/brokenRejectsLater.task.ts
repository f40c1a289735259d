import { task } from '../../../src/parallel/task.ts';

// Nobody waits for it, so that it fails on its own, with whatever else happens.
void Promise.reject(new Error('no connection'));

export const double = task(import.meta.url, 'double', async (n: number) => {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return n * 2;
});
