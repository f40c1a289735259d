import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

/**
 * Puts the package and RxJS, from their sources, into a `node_modules` of a few files. To load them from hundreds, as programs do
 * otherwise, takes a process a third of a second, and tests start many. That the package works as it is built `packaging/` sees to.
 */
export async function bundlePackage(root: string, nodeModules: string): Promise<void> {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { default: string }>;
  };
  const entries = Object.entries(exports).flatMap(([path, target]) => {
    // No program uses the testing kit.
    if (typeof target === 'string' || path.startsWith('./testing')) return [];
    const name = target.default.slice('./dist/'.length, -'.js'.length);
    return [{ path, source: join(root, `src/${name}.ts`), file: `entries/${name.replaceAll('/', '-')}` }];
  });
  const rxjs = join(root, 'node_modules/rxjs/dist/esm5/index.js');
  await build({
    configFile: false,
    logLevel: 'warn',
    root,
    resolve: { alias: [{ find: /^rxjs$/, replacement: rxjs }] },
    ssr: { noExternal: ['rxjs', 'tslib', 'lru-cache'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir: nodeModules,
      // A run beside this one may be reading there.
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        input: {
          ...Object.fromEntries(entries.map(({ source, file }) => [`sluice/${file}`, source])),
          // From any file it is "../worker/entry.js", as what starts threads has it.
          'sluice/worker/entry': join(root, 'src/parallel/worker/entry.ts'),
          'rxjs/index': rxjs,
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'sluice/chunks/[name].js' },
      },
    },
  });
  const manifest = (name: string, files: Record<string, string>): Promise<void> =>
    writeFile(join(nodeModules, name, 'package.json'), JSON.stringify({ name, type: 'module', exports: files }));
  await manifest('sluice', Object.fromEntries(entries.map(({ path, file }) => [path, `./${file}.js`])));
  await manifest('rxjs', { '.': './index.js' });
}
