import { expect, test } from 'vitest';
import { Limit, type LimitSample } from '../../src/core/limit.ts';
import { parallel, ThreadPool } from '../../src/parallel.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { same } from './tasks/plain.task.ts';

class Growing extends Limit {
  readonly samples: LimitSample[] = [];
  most = 0;

  override ended(sample: LimitSample): void {
    this.samples.push(sample);
    this.most = Math.max(this.most, sample.running);
    this.current = Math.min(this.current + 1, 6);
  }
}

test('a limit bounds how many items are at the threads or in line for them, and learns from each', async () => {
  const threads = new ThreadPool({ threads: 1 });
  const limit = new Growing(1);
  const values: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    fromIterable(Array.from({ length: 50 }, (_, i) => i))
      .pipe(parallel(same, { threads, concurrency: limit, order: 'input' }))
      .subscribe({ next: (value) => values.push(value), complete: resolve, error: reject });
  });
  await threads.close();
  expect(values).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(limit.samples).toHaveLength(50);
  expect(limit.samples[0]).toMatchObject({ running: 1, failed: false });
  expect(limit.most).toBeGreaterThan(1);
  expect(limit.most).toBeLessThanOrEqual(6);
});
