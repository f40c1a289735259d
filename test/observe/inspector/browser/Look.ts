import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { build } from 'vite';
import { installChromium } from '../../../../scripts/install-chromium.ts';
import { chromiumFlags } from '../../../chromiumFlags.ts';

/** The page, built, and a browser to look at it with. */
export class Look {
  /** Where the built page lies. */
  readonly folder: string;
  readonly #browser: Browser;

  private constructor(folder: string, browser: Browser) {
    this.folder = folder;
    this.#browser = browser;
  }

  static async begin(): Promise<Look> {
    const executablePath = await installChromium();
    const folder = await mkdtemp(join(tmpdir(), 'sluice-inspector-'));
    await build({ configFile: 'vite.page.config.ts', build: { outDir: folder } });
    await mkdir(PICTURES, { recursive: true });
    return new Look(folder, await chromium.launch({ executablePath, args: chromiumFlags, chromiumSandbox: false }));
  }

  async end(): Promise<void> {
    await this.#browser.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A window of its own, as if nobody had been here before. */
  window(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  }

  /** Keeps a picture as output of the tests. */
  static async picture(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  }
}

/** Everything that goes wrong in a page from now on, what breaks the policy included. */
export function complaintsOf(page: Page): string[] {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(`${message.type()}: ${message.text()}`);
  });
  return wrong;
}

const PICTURES = 'out/inspector';
