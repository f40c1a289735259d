import { task } from '../../../src/parallel/task.ts';

export const double = task(import.meta.url, 'double', (n: number) => n * 2);

// oxlint-disable-next-line no-throw-literal -- a module may throw anything
throw null;
