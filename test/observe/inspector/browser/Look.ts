import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { installChromium } from '../../../../scripts/install-chromium.ts';
import { chromiumFlags } from '../../../chromiumFlags.ts';

/** A browser to look at the page with. */
export class Look {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async begin(): Promise<Look> {
    const executablePath = await installChromium();
    await mkdir(PICTURES, { recursive: true });
    return new Look(await chromium.launch({ executablePath, args: chromiumFlags, chromiumSandbox: false }));
  }

  end(): Promise<void> {
    return this.#browser.close();
  }

  /** A window of its own, as if nobody had been here before. */
  window(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  }

  /** Takes a picture for a person to look at. */
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
