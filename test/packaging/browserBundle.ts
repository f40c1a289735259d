import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installChromium } from '../../scripts/install-chromium.ts';
import { PATIENCE, type Project } from './Project.ts';
import { chromiumFlags } from '../chromiumFlags.ts';

/** What is tested of the packed package in a page that Vite bundles and Chromium shows. */
export function browserBundle(project: () => Project): void {
  let files: ReadonlyMap<string, string | Uint8Array>;
  let server: Server;
  const asked: string[] = [];
  let context: BrowserContext | undefined;
  let userData: string;

  beforeAll(async () => {
    const executablePath = await installChromium();
    files = await bundle(project(), asked);
    server = await serve(files);
    userData = await mkdtemp(join(tmpdir(), 'sluice-chromium-'));
    context = await chromium.launchPersistentContext(userData, {
      executablePath,
      args: chromiumFlags,
      chromiumSandbox: false,
    });
  }, PATIENCE);

  afterAll(async () => {
    await context?.close();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    if (userData !== undefined) await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  });

  test('nothing of Node.js is in the bundle', () => {
    const scripts = [...files].filter(([path]) => path.endsWith('.js')).map(([, text]) => String(text));
    expect(scripts).toHaveLength(1);
    // `browser-external` is what Vite puts in the place of a module of Node.js.
    expect(scripts.join('\n').match(/\bnode:\w+|browser-external|\brequire\(/g) ?? []).toEqual([]);
  });

  test('no module of Node.js is even asked for, so any bundler will do, and none', () => {
    expect(asked).toEqual([]);
  });

  test('a flow runs, holds back and reports, and nothing goes wrong in the page', { timeout: PATIENCE }, async () => {
    const page = await context!.newPage();
    const wrong = complaintsOf(page);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`);
    await page
      .waitForFunction('globalThis.found !== undefined', undefined, { timeout: 60_000 })
      .catch((cause: unknown) => {
        throw new Error(`The page found nothing. ${wrong.join('\n')}`, { cause });
      });
    const { backPressure, ...found } = (await page.evaluate('globalThis.found')) as { backPressure: { most: number } };
    expect(wrong).toEqual([]);
    expect(backPressure).toEqual({ ended: 'completed', inOrder: true, most: expect.any(Number), table: true });
    expect(backPressure.most).toBeGreaterThan(4);
    expect(backPressure.most).toBeLessThanOrEqual(4 + 2 + 1 + 1);
    expect(found).toEqual({
      results: {
        good: [1, 4, 9, 16],
        bad: ['5 RangeError'],
        batches: ['[4,9]\n', '[16]\n'],
      },
      webStream: 'a web stream',
      own: [
        [4, 3],
        [2, 1],
      ],
      badInput: 'ERR_OUT_OF_RANGE',
    });
  });
}

/** Bundles the page in the project, where it finds the package as a user's page does. Notes what is `asked` for of Node.js. */
async function bundle(project: Project, asked: string[]): Promise<ReadonlyMap<string, string | Uint8Array>> {
  await mkdir(join(project.folder, 'page'));
  await project.copy(new URL('fixtures/page/index.html', import.meta.url), 'page/index.html');
  await project.copy(new URL('fixtures/page/page.js', import.meta.url), 'page/page.js');
  const built = (await build({
    root: join(project.folder, 'page'),
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'asked',
        enforce: 'pre',
        resolveId: (id, importer) => (id.startsWith('node:') ? void asked.push(`${id} by ${importer}`) : undefined),
      },
    ],
    build: { write: false, minify: false, target: 'es2022', modulePreload: { polyfill: false } },
  })) as Rolldown.RolldownOutput;
  return new Map(built.output.map((it) => [`/${it.fileName}`, it.type === 'chunk' ? it.code : it.source]));
}

/** Serves the files, and nothing else, to this machine alone. */
async function serve(files: ReadonlyMap<string, string | Uint8Array>): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` }).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Everything that goes wrong in a page from now on. */
function complaintsOf(page: Page): string[] {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) => wrong.push(`request: ${request.url()}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(`${message.type()}: ${message.text()}`);
  });
  return wrong;
}
