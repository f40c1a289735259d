import { task } from '../../../src/parallel/task.ts';

export const double = task(import.meta.url, 'double', (n: number) => n * 2);
export const again = task(import.meta.url, 'double', (n: number) => n + n);
