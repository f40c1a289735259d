import { describe, test } from 'vitest';
import { sinkSuites } from './sinkSuites.ts';

describe.each(Object.entries(sinkSuites))('%s', (_, suites) => {
  for (const { title, run } of suites.flat()) test(title, run, 30_000);
});
