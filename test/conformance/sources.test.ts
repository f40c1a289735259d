import type * as Fs from 'node:fs';
import type * as Hyparquet from 'hyparquet';
import { describe, test, vi } from 'vitest';
import { sourceSuites } from './sourceSuites.ts';

vi.mock('node:fs', async (original) => {
  const { watched } = await import('../sources/openedFiles.ts');
  return watched(await original<typeof Fs>());
});
vi.mock('hyparquet', async (original) => {
  const { fake } = await import('./parquetFake.ts');
  return fake(await original<typeof Hyparquet>());
});

describe.each(Object.entries(sourceSuites))('%s', (_, suites) => {
  for (const { title, run } of suites.flat()) test(title, run, 30_000);
});
