import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Hello, ProcessTick } from '../../../../src/observe/inspector/protocol.ts';
import type { FakeFlow } from './FakeFlow.ts';

/** The policy under which the page has to work. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/** Speaks like the inspector's server, and does what a test tells it to. */
export class FakeInspector {
  flows: FakeFlow[] = [];
  hello: Hello = { program: 'photographs.ts', pid: 4711, node: 'v20.20.2', every: 100 };
  /** What `/events` is answered with instead of events. */
  refusal: number | undefined;
  /** How many connections to `/events` there were, and how many snapshots were asked for. */
  opened = 0;
  polled = 0;
  readonly #folder: string;
  readonly #server: Server;
  readonly #clients = new Set<ServerResponse>();
  #time = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #began = performance.timeOrigin + performance.now();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer(({ url = '/' }, response) => void this.#answer(new URL(url, 'http://x'), response));
  }

  /** @param folder Where the built page lies. */
  static async open(folder: string, port = 0): Promise<FakeInspector> {
    const fake = new FakeInspector(folder);
    await new Promise<void>((resolve) => fake.#server.listen(port, '127.0.0.1', resolve));
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** How many listen now. */
  get listeners(): number {
    return this.#clients.size;
  }

  /** Goes on by some time and tells everyone. */
  advance(ms = 100): void {
    this.#time += ms;
    for (const flow of this.flows) if (flow.state === 'running' || flow.state === 'quitting') this.#grow(flow, ms);
    this.say('tick', this.#tick());
  }

  /** Goes on by itself. */
  play(every = this.hello.every): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.advance(every), every);
  }

  rest(): void {
    clearInterval(this.#timer);
  }

  say(event: 'hello' | 'graph' | 'tick', data: unknown): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const client of this.#clients) client.write(text);
  }

  /** Tells everyone that it was the last they hear, and closes. */
  bye(): void {
    for (const client of this.#clients) client.end('event: bye\ndata: {}\n\n');
    this.#clients.clear();
  }

  /** Cuts off everyone who listens. */
  cut(): void {
    for (const client of this.#clients) client.destroy();
    this.#clients.clear();
  }

  async close(): Promise<void> {
    this.rest();
    this.cut();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }

  #grow(flow: FakeFlow, ms: number): void {
    flow.advance(ms);
    flow.threads = flow.threads.map((thread, i) => ({
      ...thread,
      time: thread.time + ms,
      busy: thread.busy + ms * [0.8, 1, 0.55, 0.2][i % 4]! * (0.8 + 0.2 * Math.sin(this.#time / 900 + i)),
      ...(thread.since !== undefined && thread.since > 1000 ? { since: thread.since + ms } : {}),
    }));
  }

  #tick() {
    const wave = Math.sin(this.#time / 2500);
    const process: ProcessTick = {
      loopDelay: 2 + 1.5 * wave,
      memory: (182 + 9 * wave) * 2 ** 20,
      heap: (74 + 6 * wave) * 2 ** 20,
      cpu: 0.7 + 0.1 * wave,
    };
    return { at: Math.round(this.#began + this.#time), process, flows: this.flows.map((flow) => flow.tick) };
  }

  async #answer(url: URL, response: ServerResponse): Promise<void> {
    response.setHeader('Content-Security-Policy', POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    if (url.pathname === '/events') return this.#listen(response);
    if (url.pathname === '/snapshot') {
      this.polled++;
      return json(response, { hello: this.hello, graphs: this.flows.map(({ graph }) => graph), tick: this.#tick() });
    }
    if (url.pathname === '/histogram') return json(response, this.#histogram(url.searchParams));
    const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
    const body = await readFile(join(this.#folder, name)).catch(() => undefined);
    const type = TYPES[extname(name)];
    if (body === undefined || type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': type }).end(body);
  }

  #listen(response: ServerResponse): void {
    if (this.refusal !== undefined) {
      response.writeHead(this.refusal, { 'Content-Type': 'text/plain' }).end('No room.');
      return;
    }
    this.opened++;
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', Connection: 'close' });
    const send = (event: string, data: unknown): void =>
      void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    send('hello', this.hello);
    for (const { graph } of this.flows) send('graph', graph);
    send('tick', this.#tick());
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
  }

  /** Around two milliseconds, and a few of the slow ones around thirty. */
  #histogram(query: URLSearchParams) {
    const near = (bucket: number, middle: number, width: number, most: number): number =>
      Math.round(((most * this.#time) / 1000) * Math.exp(-(((bucket - middle) / width) ** 2)));
    const buckets = Array.from({ length: 112 }, (_, i) => near(i, 56, 4, 150) + near(i, 68, 2, 12));
    return { flow: Number(query.get('flow')), stage: Number(query.get('stage')), buckets };
  }
}

function json(response: ServerResponse, data: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(data));
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
