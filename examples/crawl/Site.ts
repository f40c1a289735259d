import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from './pages.ts';

/** Every so many pages one is slow, so many milliseconds; one answers only the third time; one is found after being sent elsewhere. */
const SLOW = { every: 17, ms: 250 };
const FAILING = { every: 23, times: 2 };
const MOVED = { every: 29 };

/** A web site on this machine, at several addresses: a page is at that of its number. */
export class Site {
  /** How many times each page has been given out, by its path. */
  readonly served = new Map<string, number>();
  /** How many requests there were, by address. */
  readonly requests = new Map<string, number>();
  readonly #pages: ReadonlyMap<string, Page>;
  readonly #paths: readonly string[];
  readonly #failures = new Map<string, number>();
  readonly #servers = Array.from({ length: HOSTS }, () =>
    createServer((request, response) => void this.#answer(request, response)),
  );
  #hosts: string[] = [];

  constructor(pages: ReadonlyMap<string, Page>) {
    this.#pages = pages;
    this.#paths = [...pages.keys()];
  }

  /** Starts its servers. Gives the address of the first page. */
  async listen(): Promise<string> {
    for (const server of this.#servers) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', resolve);
      });
    }
    this.#hosts = this.#servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    return this.#urlOf(this.#paths[0]!);
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host = '' } = request.headers;
    this.requests.set(host, (this.requests.get(host) ?? 0) + 1);
    const path = request.url ?? '';
    // They send each other back and forth without end.
    if (path === '/loop/a' || path === '/loop/b') return redirect(response, path === '/loop/a' ? '/loop/b' : '/loop/a');
    const page = this.#pages.get(path.replace(/^\/moved/, '/word'));
    if (page === undefined) return void response.writeHead(404).end('There is no such page');
    const number = this.#paths.indexOf(page.path);
    if (path.startsWith('/moved')) return redirect(response, this.#urlOf(page.path));
    const failures = this.#failures.get(path) ?? 0;
    if (number % FAILING.every === 1 && failures < FAILING.times) {
      this.#failures.set(path, failures + 1);
      return void response.writeHead(503, { 'retry-after': '0' }).end();
    }
    if (number % SLOW.every === 2) await sleep(SLOW.ms);
    this.served.set(page.path, (this.served.get(page.path) ?? 0) + 1);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(this.#html(page, number));
  }

  #html({ path, title, text, links }: Page, number: number): string {
    // Some links are to where a page once was, one leads nowhere, one in circles, one out of the site, and one to the page itself.
    const all = [...links.map((link) => this.#linkTo(link)), `${path}#top`];
    if (number === 5) all.push('/word/00000000', '/loop/a', 'https://example.com/', 'mailto:someone@example.com');
    const items = all.map((url) => `<li><a href="${url}">${url}</a></li>`).join('\n');
    return `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n<p>${text.replaceAll('<', '&lt;')}</p>\n<ul>\n${items}\n</ul>\n`;
  }

  #linkTo(path: string): string {
    const url = this.#urlOf(path);
    return this.#paths.indexOf(path) % MOVED.every === 3 ? url.replace('/word/', '/moved/') : url;
  }

  #urlOf(path: string): string {
    return `http://${this.#hosts[this.#paths.indexOf(path) % HOSTS]}${path}`;
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}

const HOSTS = 2;
