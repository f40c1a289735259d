// Threads share the fate of their process: one of them kills it.
import { lastValueFrom } from 'rxjs';
import { parallel } from '../../../../src/parallel/parallel.ts';
import { fromIterable } from '../../../../src/sources/fromIterable.ts';
import { work, type Job } from '../../tasks/faults.task.ts';

const jobs: Job[] = [{ id: 0 }, { id: 1, act: 'killProcess' }, { id: 2 }];
await lastValueFrom(fromIterable(jobs).pipe(parallel(work, { threads: 2, retries: 3, onError: 'skip' })));
console.log('still there');
