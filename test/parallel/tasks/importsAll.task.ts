import { lastValueFrom, map, of } from 'rxjs';
import { workerPool } from '../../../src/index.ts';
import { task } from '../../../src/parallel.ts';

export const double = task(import.meta.url, 'double', (n: number) =>
  lastValueFrom(
    of(n).pipe(
      workerPool((item) => item * 2),
      map((item) => item),
    ),
  ),
);
