import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'vitest/config';

/**
 * Has the threads of tests import what `compile.ts` has compiled, where it makes no difference: half a second for each thread is
 * what TypeScript takes. That of tasks in TypeScript, and of a pool in TypeScript, `modes.test.ts` and `loading.test.ts` see to.
 */
export const compiledThreads: Plugin = {
  name: 'compiled threads',
  enforce: 'pre',
  transform(code, id) {
    const file = id.replace(/[?].*$/, '');
    if (!COMPILED.some((path) => file === `${ROOT}${path}`)) return undefined;
    const compiled = pathToFileURL(`${ROOT}out/tests/${file.slice(ROOT.length).replace(/[.]ts$/, '.js')}`).href;
    return { code: code.replaceAll('import.meta.url', JSON.stringify(compiled)), map: null };
  },
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const COMPILED = [
  'src/parallel/pool/Thread.ts',
  ...['buffers', 'cancel', 'faults', 'keyed', 'plain', 'values'].map((name) => `test/parallel/tasks/${name}.task.ts`),
];
