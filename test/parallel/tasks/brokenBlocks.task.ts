import { task } from '../../../src/parallel/task.ts';

export const double = task(import.meta.url, 'double', (n: number) => n * 2);

Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
