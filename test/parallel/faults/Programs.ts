import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it printed, a line each. */
  readonly lines: readonly string[];
  readonly err: string;
  /** Milliseconds from its last line to its end. */
  readonly lingered: number;
}

/** Programs of `programs/`, compiled: threads of JavaScript start several times as quickly, and faults take many of them. */
export class Programs {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async compile(): Promise<Programs> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
    const config = {
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: { rootDir: ROOT, outDir: folder, types: [], noCheck: true, declaration: false },
      include: [
        join(ROOT, 'src'),
        join(ROOT, 'test/parallel/faults/programs'),
        join(ROOT, 'test/parallel/tasks/faults*'),
      ],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    await promisify(execFile)(tsc, ['-p', folder]);
    return new Programs(folder);
  }

  /** Starts one. What still runs after five minutes is killed. */
  start(name: string, args: readonly string[] = []): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const file = join(this.#folder, 'test/parallel/faults/programs', `${name}.js`);
    const child = spawn(process.execPath, ['--expose-gc', file, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    let last = performance.now();
    child.stdout.on('data', () => (last = performance.now()));
    const exit = new Promise<Pick<Ended, 'code' | 'signal' | 'lingered'>>((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal, lingered: performance.now() - last })),
    );
    const ended = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([how, out, err]) => ({
      ...how,
      lines: out.split('\n').filter((line) => line !== ''),
      err,
    }));
    return { child, ended };
  }

  /** Runs one to its end. */
  run(name: string, ...args: readonly string[]): Promise<Ended> {
    return this.start(name, args).ended;
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true });
  }
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Milliseconds: only what hangs takes as long. */
const PATIENCE = 300_000;
