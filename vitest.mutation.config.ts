import { statSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const cost = ({ moduleId }: TestSpecification) => (/schedules|endings/i.test(moduleId) ? 1e6 : statSync(moduleId).size);

/** What is soonest done comes first: small files, and last those that try out a lot. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => cost(a) - cost(b));
  }
}

/** The tests that a mutation run of `src/core` uses (`stryker.config.js`): those that hold it down, are quick and always do the same. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    isolate: false,
    testTimeout: 30_000,
    include: [
      'test/core/*.test.ts',
      'test/operators/{batch,buffered,workerPool}.test.ts',
      // These alone use the lines that wait, the heap, and what settles or is given up later.
      'test/sync/Semaphore.test.ts',
      'test/sources/{abortable,mergeSorted}.test.ts',
    ],
    exclude: ['test/core/{floods,stockOperators}.test.ts'],
    setupFiles: ['test/core/sameRuns.ts'],
    env: { RUNS: '100', MANY: '3000' },
    sequence: { sequencer: QuickestFirst },
  },
});
