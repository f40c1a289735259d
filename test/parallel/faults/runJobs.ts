import { type Observable } from 'rxjs';
import { expect } from 'vitest';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { parallel, type ParallelOptions } from '../../../src/parallel/parallel.ts';
import type { DeadLetter } from '../../../src/core/options.ts';
import { work, type Done, type Job } from '../tasks/faults.task.ts';

/** How a flow of jobs went. */
export interface Run {
  /** In the order in which they came. */
  readonly results: readonly Done[];
  readonly letters: readonly DeadLetter<Job>[];
  readonly ending: 'completed' | 'failed';
  readonly error: unknown;
}

/** Runs jobs to their end. What fails is laid aside, so that every item has an outcome; `onError` changes that. */
export function runJobs(
  input: Iterable<Job> | Observable<Job>,
  options: ParallelOptions<Job> = {},
  onResult?: (done: Done) => void,
): Promise<Run> {
  const results: Done[] = [];
  const letters: DeadLetter<Job>[] = [];
  const source = Symbol.iterator in input ? fromIterable(input) : input;
  const deadLetter = (letter: DeadLetter<Job>): void => void letters.push(letter);
  return new Promise((resolve) => {
    source.pipe(parallel<Job, unknown>(work, { onError: { deadLetter }, ...options })).subscribe({
      next(value) {
        results.push(value as Done);
        onResult?.(value as Done);
      },
      error: (error: unknown) => resolve({ results, letters, ending: 'failed', error }),
      complete: () => resolve({ results, letters, ending: 'completed', error: undefined }),
    });
  });
}

/** Every job has ended once, in one way: those of `failed` as dead letters, the others with their one result. */
export function expectConserved(input: readonly Job[], run: Run, failed: readonly number[]): void {
  expect({ ending: run.ending, error: run.error }).toEqual({ ending: 'completed', error: undefined });
  expect(run.letters.map(({ item }) => item.id).toSorted(ascending)).toEqual([...failed].toSorted(ascending));
  const blamed = new Set(failed);
  const fine = input.map(({ id }) => id).filter((id) => !blamed.has(id));
  expect(run.results.map(({ id }) => id).toSorted(ascending)).toEqual(fine.toSorted(ascending));
}

/** As many harmless jobs as are asked for, but for those that `at` says something about. */
export function jobs(count: number, at: Readonly<Record<number, Partial<Job>>> = {}, all: Partial<Job> = {}): Job[] {
  return Array.from({ length: count }, (_, id) => ({ id, ...all, ...at[id] }));
}

/** Counts how often each of some items was begun. */
export function counters(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * 4));
}

const ascending = (a: number, b: number): number => a - b;
