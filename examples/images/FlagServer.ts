import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const flags = join(dirname(createRequire(import.meta.url).resolve('svg-country-flags/package.json')), 'png1000px');

/** Milliseconds that a request takes on its way there and back. */
const DISTANCE = { download: 40, upload: 30 };

/** Pictures that the server lists and cannot give: one is not there, one is no picture. */
const BAD = ['zz-gone', 'zz-broken'];

/** A web server on this machine that has the flags of all countries, and takes small ones. */
export class FlagServer {
  readonly #folder: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  /** What is uploaded is written into `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts it. Gives its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The names of `count` pictures, with the two bad ones among them. */
  async names(count: number): Promise<string[]> {
    const files = (await readdir(flags)).filter((file) => file.endsWith('.png')).toSorted();
    const names = files.map((file) => file.slice(0, -'.png'.length)).slice(0, count);
    return names.toSpliced(Math.floor(names.length / 2), 0, ...BAD);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Only names of flags: what a request says never becomes a path.
    const name = /^\/[a-z]+\/([a-z-]{2,12})[.]png$/.exec(request.url ?? '')?.[1];
    try {
      if (name === undefined) return void response.writeHead(400).end();
      if (request.method === 'PUT') {
        await writeFile(join(this.#folder, `${name}.png`), await buffer(request));
        await sleep(DISTANCE.upload);
        return void response.writeHead(201).end();
      }
      await sleep(DISTANCE.download);
      if (name === BAD[1]) return void response.end('no picture at all');
      createReadStream(join(flags, `${name}.png`))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    } catch {
      // The client went away in the middle of its upload.
      response.destroy();
    }
  }
}
