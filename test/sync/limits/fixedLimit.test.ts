import { NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { Limit } from '../../../src/core/limit.ts';
import { workerPool } from '../../../src/operators/workerPool.ts';
import { fromIterable } from '../../../src/sources/fromIterable.ts';
import { fixedLimit } from '../../../src/sync/limits/fixedLimit.ts';

test('fixedLimit stays as it is, whatever happens', () => {
  const limit = fixedLimit(4);
  expect(limit).toBeInstanceOf(Limit);
  for (let i = 0; i < 100; i++) limit.ended({ duration: i, running: 4, failed: i % 2 === 0, error: undefined });
  expect(limit.current).toBe(4);
});

test('a stage with fixedLimit runs so many', () => {
  let begun = 0;
  const work = () => (begun++, NEVER);
  fromIterable([1, 2, 3, 4, 5, 6])
    .pipe(workerPool(work, { concurrency: fixedLimit(4) }))
    .subscribe();
  expect(begun).toBe(4);
});

test('fixedLimit may be without bound', () => {
  expect(fixedLimit(Infinity).current).toBe(Infinity);
});

test('fixedLimit refuses what is no number of items', () => {
  expect(() => fixedLimit(0)).toThrow(
    'fixedLimit(): "concurrency" must be an integer of 1 or more, or Infinity. Received 0 (number)',
  );
  expect(() => fixedLimit('4' as never)).toThrow(TypeError);
});
