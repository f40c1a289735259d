import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Builds the inspector's page: files that the server sends as they are, under a policy that allows nothing inline. */
export default defineConfig({
  root: here('src/observe/inspector/page'),
  // The page asks for its files by relative paths, so that it does not matter where it is served.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('dist/observe/inspector/page'),
    emptyOutDir: true,
    target: 'es2022',
    // All of these know light-dark(), which then stays one function instead of two variables for each colour.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: false,
    assetsInlineLimit: 0,
    license: { fileName: 'licences.md' },
    reportCompressedSize: false,
  },
});
