import { describe, test } from 'vitest';
import { poolSuites } from '../poolSuites.ts';

describe.each(Object.entries(poolSuites))('%s', (_, suites) => {
  for (const { title, run } of suites.flat()) test(title, run, 30_000);
});
