// How `npm run mutation` changes src/core, one place at a time, and looks whether a test notices: https://stryker-mutator.io/docs
export default {
  mutate: ['src/core/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 2,
  // Enough for a machine that is busy with other things too.
  timeoutMS: 10_000,
  timeoutFactor: 2,
  incremental: true,
  incrementalFile: 'out/mutation/incremental.json',
  tempDirName: 'out/mutation/sandbox',
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'out/mutation/report.html' },
  jsonReporter: { fileName: 'out/mutation/report.json' },
  // What no test here reads.
  ignorePatterns: ['/dist', '/out', '/coverage', '/bench', '/examples', '/docs', '/.wireit'],
  thresholds: { high: 90, low: 80, break: 80 },
};
