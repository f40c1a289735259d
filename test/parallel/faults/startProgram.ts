import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

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

/**
 * Starts one of `programs/`, compiled: threads of JavaScript start several times as quickly, and faults take many of them. What still
 * runs after five minutes is killed.
 */
export function startProgram(
  name: string,
  ...args: readonly string[]
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  // Counting objects is experimental.
  const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, join(COMPILED, `${name}.js`), ...args], {
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

/** Where `test/compile.ts` puts them. */
const COMPILED = fileURLToPath(new URL('../../../out/tests/test/parallel/faults/programs', import.meta.url));
/** Milliseconds: only what hangs takes as long. */
const PATIENCE = 300_000;
