// One item fills the heap of its thread. Prints how everything ended.
import { lastValueFrom, toArray } from 'rxjs';
import { parallel } from '../../../../src/parallel/parallel.ts';
import { fromIterable } from '../../../../src/sources/fromIterable.ts';
import { work, type Done, type Job } from '../../tasks/faults.task.ts';

const jobs = Array.from({ length: 20 }, (_, id): Job => (id === 7 ? { id, act: 'fillHeap' } : { id }));
const errors: unknown[] = [];
const results = await lastValueFrom(
  fromIterable(jobs).pipe(
    parallel(work, {
      threads: 2,
      resourceLimits: { maxOldGenerationSizeMb: 32 },
      onError: { deadLetter: ({ item, error }) => void errors.push({ id: item.id, error }) },
    }),
    toArray(),
  ),
);
const [{ error, ...letter } = { error: undefined }] = errors as { id: number; error: Error & { code: string } }[];
const { code, message, cause } = error ?? { code: '', message: '', cause: undefined };
console.log(
  JSON.stringify({
    ids: results.map((done) => (done as Done).id).toSorted((a, b) => a - b),
    letters: errors.length,
    ...letter,
    code,
    message,
    cause: (cause as { code?: string } | undefined)?.code,
  }),
);
