import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Compiles what threads and processes of tests run, once before all tests. */
export async function setup(): Promise<void> {
  await promisify(execFile)(
    process.execPath,
    ['node_modules/@typescript/native/bin/tsc', '-p', 'test/tsconfig.emit.json'],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
    },
  );
}
