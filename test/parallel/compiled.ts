import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Task } from '../../src/parallel/task.ts';

/** The tasks of a module, where threads import what `test/compile.ts` has made of it: TypeScript takes each of them half a second. */
export function compiled<M extends Readonly<Record<string, Task<never, unknown>>>>(module: M): M {
  const tasks = Object.entries(module).map(([name, task]) => [name, { ...task, url: compiledUrl(task.url).href }]);
  return Object.fromEntries(tasks) as M;
}

/** Where it has put a module. */
export function compiledUrl(url: string | URL): URL {
  const path = fileURLToPath(url)
    .slice(ROOT.length)
    .replace(/[.]ts$/, '.js');
  return pathToFileURL(`${ROOT}out/tests/${path}`);
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
