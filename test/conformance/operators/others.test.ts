import { describe, test } from 'vitest';
import { operatorSuites } from '../operatorSuites.ts';

describe.each(Object.entries(operatorSuites))('%s', (_, suites) => {
  for (const { title, run } of suites.flat()) test(title, run, 30_000);
});
