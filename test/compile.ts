import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { bundlePackage } from './bundlePackage.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles what threads and processes of tests run, once before all tests, and again when one of them is edited under `--watch`. */
export async function setup(project: TestProject): Promise<void> {
  await compile();
  project.onTestsRerun(compile);
}

async function compile(): Promise<void> {
  const programs = `${root}out/programs`;
  await mkdir(programs, { recursive: true });
  await Promise.all([
    tsc('test/tsconfig.emit.json'),
    tsc('test/tsconfig.programs.json'),
    // Here ends the scope in which `sluice` is this repository, so that it is found in `node_modules`.
    writeFile(`${programs}/package.json`, JSON.stringify({ type: 'module' })),
    bundlePackage(root, `${programs}/node_modules`),
    cp(`${root}examples`, `${programs}/examples`, { recursive: true, filter: (path) => !path.endsWith('.ts') }),
  ]);
}

async function tsc(config: string): Promise<void> {
  const args = ['node_modules/@typescript/native/bin/tsc', '-p', config];
  await promisify(execFile)(process.execPath, args, { cwd: root });
}
