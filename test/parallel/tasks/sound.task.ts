import { task } from '../../../src/parallel/task.ts';

export const double = task(import.meta.url, 'double', (n: number) => n * 2);
export const half = task(import.meta.url, 'half', (n: number) => n / 2);

/** Keeps its thread from everything else for as many milliseconds. */
export const block = task(import.meta.url, 'block', (ms: number) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return ms;
});
