import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { GoProgram, Measured } from './Table.ts';

const exec = promisify(execFile);

/** The folder of the project. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Makes plain JavaScript of everything here, for {@link child}. */
export async function compile(): Promise<void> {
  await exec(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', 'bench/tsconfig.emit.json'], {
    cwd: root,
  });
}

/**
 * Runs a file of this folder in a process of its own, with the package that was built in `cwd`. Gives the JSON that it
 * prints, and how many milliseconds it took in all.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the caller knows of the file that it runs
export async function child<T>(
  file: string,
  args: readonly string[] = [],
  cwd = root,
): Promise<{ printed: T; wall: number }> {
  const start = performance.now();
  const { stdout } = await exec(process.execPath, ['--expose-gc', `out/bench/bench/${file}.js`, ...args], { cwd });
  return { printed: JSON.parse(stdout) as T, wall: performance.now() - start };
}

/** Builds the programs in Go. Gives Go's version, or `undefined` where there is no Go on the PATH. */
export async function compileGo(): Promise<string | undefined> {
  try {
    const { stdout } = await exec('go', ['version']);
    await exec('go', ['build', '-o', GO, 'bench/go/main.go'], { cwd: root });
    return /go[\d.]+/.exec(stdout)?.[0];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs a program in Go. Gives the JSON that it prints. */
export async function goChild({ go, buffer = 0 }: GoProgram, items: number): Promise<Measured> {
  const { stdout } = await exec(GO, [go, String(items), String(buffer)], { cwd: root });
  return JSON.parse(stdout) as Measured;
}

const GO = 'out/bench/go-rows';
