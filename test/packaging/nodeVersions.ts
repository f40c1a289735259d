import { beforeAll, describe, expect, test } from 'vitest';
import { nodeProgram } from './nodeProgram.ts';
import { PATIENCE, type Project } from './Project.ts';

/** What is tested of the packed package under each version of Node.js. */
export function nodeVersions(project: () => Project): void {
  beforeAll(() => project().copy(new URL('fixtures/flow.js', import.meta.url), 'flow.js'));

  describe.each(['20', '22', '24'])('on Node.js %s', (major) => {
    let node: string;

    beforeAll(async () => {
      node = await nodeProgram(project(), major);
    }, PATIENCE);

    test.each([[[]], [['--disable-proto=throw', '--frozen-intrinsics']]])(
      'N2 runs a flow in plain JavaScript, with %j',
      { timeout: PATIENCE },
      async (flags) => {
        const printed = JSON.parse(await project().run(node, [...flags, 'flow.js'])) as Record<string, unknown>;
        const { version, csv, parquet, inside, ...rest } = printed;
        expect(version).toMatch(new RegExp(`^${major}[.]`));
        expect(rest).toEqual({
          ended: 'completed',
          done: 990,
          boundKept: true,
          table: 'flow "squares" completed after a while, 0 results',
          rows: ['{"n":1}', '{"n":2}'],
          bytes: ['{"n"', ':1}\n', '{"n"', ':2}\n'],
          written: true,
          probed: [1, 2],
          requiresTheSame: true,
        });
        expect(csv).toMatch(/^ERR_MODULE_NOT_FOUND Cannot find package 'csv-stringify'/);
        expect(parquet).toMatch(/^ERR_MODULE_NOT_FOUND Cannot find package 'hyparquet'/);
        expect(inside).toMatch(/^ERR_PACKAGE_PATH_NOT_EXPORTED/);
      },
    );
  });
}
