import { defineConfig } from 'vitest/config';
import { compiledThreads } from './test/compiledThreads.ts';
import { BaseSequencer, type Reporter, type TestModule, type TestSpecification } from 'vitest/node';

const ci = process.env['CI'] === 'true';

/** Fails a run in which any test was skipped or left as a todo. */
const nothingSkipped: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId} > ${test.fullName}`),
    );
    if (skipped.length === 0) return;
    process.exitCode = 1;
    console.error(`${skipped.length} skipped, where nothing may be:\n  ${skipped.join('\n  ')}\n`);
  },
};

/** The files that take longest, of which none may be the last to begin: then all cores but one would wait for it. */
const long = [
  'packaging/packaging',
  'examples/examples',
  'conformance/operators',
  'soak/soak',
  'flights/flights',
  'faults/',
  'inspector/browser',
];

const isLong = ({ moduleId }: TestSpecification) => long.some((part) => moduleId.includes(part));

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- that of the sequencer, which gives a new array
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

export default defineConfig({
  // `sluice` and its other entries are read from src, as tsconfig.json says under "paths".
  resolve: { tsconfigPaths: true },
  plugins: [compiledThreads],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/compile.ts'],
    pool: 'forks',
    // Many tests wait for processes, so that no core need be kept free.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    // Many tests start processes of their own, on machines that may be busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ci ? ['default', ['json', { outputFile: 'coverage/tests.json' }], nothingSkipped] : ['default'],
    coverage: { include: ['src/**'], reportsDirectory: 'coverage' },
  },
});
