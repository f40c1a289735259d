import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import type { EventStreams } from './EventStreams.ts';
import { prometheus } from './prometheus.ts';
import type { ProcessMeter, ProcessWatch } from './ProcessWatch.ts';
import type { Hello, StageHistogram } from './protocol.ts';
import { readQuery } from './readQuery.ts';
import type { PageFile } from './readPage.ts';
import { refusalOf } from './refusalOf.ts';
import { safeHeaders } from './safeHeaders.ts';
import type { ShownFlows } from './ShownFlows.ts';

/** What the answers are about. */
export interface Routed {
  readonly flows: ShownFlows;
  readonly streams: EventStreams;
  readonly watch: ProcessWatch;
  readonly page: ReadonlyMap<string, PageFile>;
}

/** Answers requests, by a fixed list of what can be asked for. Nothing that is asked changes anything. */
export class Router {
  readonly #routed: Routed;
  readonly #routes: ReadonlyMap<string, (query: string, response: ServerResponse) => void> = new Map([
    ['/events', (query, response) => this.#events(query, response)],
    ['/snapshot', (query, response) => this.#snapshot(query, response)],
    ['/histogram', (query, response) => this.#histogram(query, response)],
    ['/metrics', (query, response) => this.#metrics(query, response)],
  ]);
  /** Measures for those who ask for snapshots, until nobody has for a while. */
  #polled: ProcessMeter | undefined;
  #forget: ReturnType<typeof setTimeout> | undefined;

  constructor(routed: Routed) {
    this.#routed = routed;
  }

  answer(request: IncomingMessage, response: ServerResponse, port: number): void {
    for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value);
    const refusal = refusalOf(request, port);
    if (refusal !== undefined) {
      if (refusal.status === 405) response.setHeader('Allow', 'GET, HEAD');
      fail(response, refusal.status, refusal.why);
      return;
    }
    const url = request.url!;
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const route = this.#routes.get(path);
    if (route === undefined) this.#file(url, response);
    else route(at < 0 ? '' : url.slice(at + 1), response);
  }

  close(): void {
    clearTimeout(this.#forget);
    if (this.#polled !== undefined) this.#routed.watch.leave(this.#polled);
    this.#polled = undefined;
  }

  /** A file of the page has no query. */
  #file(url: string, response: ServerResponse): void {
    const file = this.#routed.page.get(url);
    if (file !== undefined) send(response, 200, file.type, file.body);
    else if (url === '/') fail(response, 503, UNBUILT);
    else fail(response, 404, 'There is no such page.');
  }

  #events(query: string, response: ServerResponse): void {
    const { every = EVERY } = readQuery(query, ['every']) ?? { every: -1 };
    if (every < 100 || every > 5000) {
      fail(response, 400, '"every" must be a number of milliseconds from 100 to 5000.');
    } else if (response.socket === null) {
      fail(response, 400, 'Events must be asked for on a connection of their own.');
    } else if (this.#routed.streams.size >= MAX_STREAMS) {
      response.setHeader('Retry-After', '5');
      fail(response, 503, `${MAX_STREAMS} pages are being served already. Close one of them.`);
    } else {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', Connection: 'close' });
      if (response.req.method === 'HEAD') response.end();
      else this.#routed.streams.add(response, hello(every));
    }
  }

  #snapshot(query: string, response: ServerResponse): void {
    if (query !== '') {
      fail(response, 400, 'A snapshot has no query.');
      return;
    }
    const { flows, watch } = this.#routed;
    flows.look();
    this.#polled ??= watch.join();
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.close(), PATIENCE);
    this.#forget.unref();
    const graphs = JSON.stringify(flows.all.map(({ graph }) => graph));
    const ticks = flows.all.map(({ tick }) => tick).join(',');
    const at = Math.round(performance.timeOrigin + performance.now());
    const tick = `{"at":${at},"process":${JSON.stringify(this.#polled.read())},"flows":[${ticks}]}`;
    const body = `{"hello":${JSON.stringify(hello(EVERY))},"graphs":${graphs},"tick":${tick}}`;
    send(response, 200, JSON_TYPE, body);
  }

  #histogram(query: string, response: ServerResponse): void {
    const { flow, stage } = readQuery(query, ['flow', 'stage']) ?? {};
    if (flow === undefined || stage === undefined) {
      fail(response, 400, '"flow" and "stage" must be numbers.');
      return;
    }
    const shown = this.#routed.flows.find(flow);
    const name = shown?.graph.stages[stage]?.name;
    const buckets = shown?.durations(stage);
    if (name === undefined || buckets === undefined) {
      fail(response, 404, 'There is no such stage.');
      return;
    }
    const histogram: StageHistogram = { flow, stage, name, buckets: [...buckets] };
    send(response, 200, JSON_TYPE, JSON.stringify(histogram));
  }

  #metrics(query: string, response: ServerResponse): void {
    if (query !== '') {
      fail(response, 400, 'Metrics have no query.');
      return;
    }
    this.#routed.flows.look();
    send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', prometheus(this.#routed.flows.all));
  }
}

function hello(every: number): Hello {
  return { program: basename(process.argv[1] ?? 'node'), pid: process.pid, node: process.version, every };
}

function fail(response: ServerResponse, status: number, why: string): void {
  // Whatever else comes on a connection like this is not worth to be waited for.
  response.setHeader('Connection', 'close');
  send(response, status, 'text/plain; charset=utf-8', `${why}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

const JSON_TYPE = 'application/json; charset=utf-8';
const UNBUILT = 'The page of the inspector has not been built: run "npm run build" in the folder of sluice.';
/** Milliseconds between two ticks. */
const EVERY = 200;
const MAX_STREAMS = 32;
/** Milliseconds. */
const PATIENCE = 10_000;
