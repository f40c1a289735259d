import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

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

export default defineConfig({
  // `sluice` and its other entries are read from src, as tsconfig.json says under "paths".
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait for processes, so that no core need be kept free.
    maxWorkers: '100%',
    // Many tests start processes of their own, on machines that may be busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ci ? ['default', ['json', { outputFile: 'coverage/tests.json' }], nothingSkipped] : ['default'],
    coverage: { include: ['src/**'], reportsDirectory: 'coverage' },
  },
});
