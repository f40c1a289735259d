import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PATIENCE, type Project } from './Project.ts';
import { copyThreads, PROGRAM } from './threads.ts';

/** What is tested of the packed package where npm was told to leave optional dependencies out. It changes the project. */
export function withoutOptional(project: () => Project): void {
  beforeAll(async () => {
    await copyThreads(project());
    await project().leaveOutOptional();
  }, PATIENCE);

  test('npm install --omit=optional leaves out what threads.js does not need', async () => {
    const packages = await readdir(join(project().folder, 'node_modules'));
    expect(packages).toContain('threads');
    expect(packages).not.toContain('tiny-worker');
  });

  test('a flow runs on threads', { timeout: PATIENCE }, async () => {
    expect(JSON.parse(await project().run(process.execPath, ['program.js']))).toEqual(PROGRAM);
  });
}
