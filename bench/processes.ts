import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Makes plain JavaScript of everything here, for {@link child}. */
export async function compile(): Promise<void> {
  await exec(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', 'bench/tsconfig.emit.json'], { cwd });
}

/** Runs a file of this folder in a process of its own. Gives the JSON that it prints, and how many milliseconds it took in all. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the caller knows of the file that it runs
export async function child<T>(file: string, ...args: string[]): Promise<{ printed: T; wall: number }> {
  const start = performance.now();
  const { stdout } = await exec(process.execPath, ['--expose-gc', `out/bench/bench/${file}.js`, ...args], { cwd });
  return { printed: JSON.parse(stdout) as T, wall: performance.now() - start };
}
