import { lastValueFrom, of } from 'rxjs';
import { parallel } from '../../../src/parallel/parallel.ts';
import { task } from '../../../src/parallel/task.ts';

export const double = task(import.meta.url, 'double', (n: number) => n * 2);

// Without asking whether it is on the main thread.
export const doubled = await lastValueFrom(of(21).pipe(parallel(double)));
