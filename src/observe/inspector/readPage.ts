import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/**
 * Reads the built page into memory: its files by the paths that they are asked for by, `/` being `index.html`. Empty if the
 * page has not been built. The files are those that are there now: no request leads to the file system.
 */
export async function readPage(folder: URL = BUILT): Promise<ReadonlyMap<string, PageFile>> {
  const page = new Map<string, PageFile>();
  const index = await readFile(new URL('index.html', folder)).catch(() => undefined);
  if (index === undefined) return page;
  page.set('/', { type: 'text/html; charset=utf-8', body: index });
  const assets = new URL('assets/', folder);
  for (const entry of await readdir(assets, { withFileTypes: true }).catch(() => [])) {
    const { name } = entry;
    const type = TYPES.get(extname(name));
    // No links: they may lead anywhere.
    if (type === undefined || !PLAIN.test(name) || !entry.isFile()) continue;
    page.set(`/assets/${name}`, { type, body: await readFile(new URL(name, assets)) });
  }
  return page;
}

/** The same from `src` and from `dist`: what is built lies in `dist` in both cases. */
const BUILT = new URL('../../../dist/observe/inspector/page/', import.meta.url);

const PLAIN = /^[\w-][\w.-]*$/;

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
]);
