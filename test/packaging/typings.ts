import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PATIENCE, type Project } from './Project.ts';

/** What is tested of the types of the packed package. Its optional peers are not installed: no type may need them. */
export function typings(project: () => Project): void {
  beforeAll(async () => {
    await project().copy(new URL('fixtures/types.ts', import.meta.url), 'types.ts');
    await project().copy(new URL('fixtures/taskTypes.ts', import.meta.url), 'taskTypes.ts');
    await project().write('internal.ts', INTERNAL);
  });

  test.each([
    ['nodenext', { module: 'nodenext' }],
    ['bundler, with the types of a browser', { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2023', 'DOM'] }],
  ])('the types compile as %s, and what is wrong does not', { timeout: PATIENCE }, async (_, options) => {
    expect(await project().compile({ ...strict, ...options }, 'types.ts', 'taskTypes.ts', 'internal.ts')).toBe('');
  });

  test('the types need none of threads.js', async () => {
    const files = await declarations(project());
    expect(
      files
        .filter(({ text }) => /\b(?:from|import|require)\b\s*\(?\s*['"]threads['"/]/.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test('no member that is marked @internal is in the types', { timeout: PATIENCE }, async () => {
    const files = await declarations(project());
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter(({ text }) => text.includes('@internal')).map(({ path }) => path)).toEqual([]);
  });
}

const strict = {
  target: 'ES2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
  types: ['node'],
};

/** Uses members that are marked @internal, which is wrong. */
const INTERNAL = `
  import type { Demand } from 'sluice';
  import { Probe } from 'sluice/testing';
  // @ts-expect-error the package calls it
  export const start = (below: Demand<number>) => below.start();
  // @ts-expect-error the package's own tests give it a flow
  export const probe = new Probe<number>(undefined, []);`;

async function declarations(project: Project): Promise<{ path: string; text: string }[]> {
  const dist = join(project.folder, 'node_modules/sluice/dist');
  const paths = (await readdir(dist, { recursive: true })).filter((path) => path.endsWith('.d.ts'));
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(dist, path), 'utf8') })));
}
