import { task } from '../../../src/parallel/task.ts';

export const double = task(import.meta.url, 'double', (n: number) => n * 2);

throw Object.assign(new RangeError('no such table'), { code: 'E_TABLE' });
