import type { ServerResponse } from 'node:http';
import type { Graph, Hello } from './protocol.ts';
import type { ProcessMeter, ProcessWatch } from './ProcessWatch.ts';
import type { ShownFlow } from './ShownFlow.ts';
import type { ShownFlows } from './ShownFlows.ts';

/** The clients that hear a tick at the same moments. */
interface Rhythm {
  readonly every: number;
  readonly clients: Set<ServerResponse>;
  readonly meter: ProcessMeter;
  due: number;
}

/**
 * Tells everyone who listens what the flows do, as server-sent events. There is one timer, for whoever is due next, and none
 * while nobody listens; what those with the same rhythm hear is written once for all of them. It never waits for a client: one
 * that does not read fast enough is dropped, and may come again.
 */
export class EventStreams {
  readonly #flows: ShownFlows;
  readonly #watch: ProcessWatch;
  readonly #failed: (error: unknown) => void;
  readonly #rhythms = new Map<number, Rhythm>();
  /** The graph of each flow that everyone has been told. */
  #told = new Map<ShownFlow, Graph>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(flows: ShownFlows, watch: ProcessWatch, failed: (error: unknown) => void) {
    this.#flows = flows;
    this.#watch = watch;
    this.#failed = failed;
  }

  get size(): number {
    let size = 0;
    for (const { clients } of this.#rhythms.values()) size += clients.size;
    return size;
  }

  /** Adds a client whose head has been sent. It is told everything at once, and then goes with the others of its rhythm. */
  add(client: ServerResponse, hello: Hello): void {
    const { every } = hello;
    this.#look();
    const rhythm = this.#rhythms.get(every) ?? {
      every,
      clients: new Set(),
      meter: this.#watch.join(),
      due: performance.now() + every,
    };
    this.#rhythms.set(every, rhythm);
    rhythm.clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => this.#remove(client, rhythm));
    const graphs = this.#flows.all.map(({ graph }) => event('graph', JSON.stringify(graph)));
    send(client, `retry: ${RETRY}\n${event('hello', JSON.stringify(hello))}${graphs.join('')}`);
    send(client, this.#tick(rhythm));
    this.#schedule();
  }

  /** Tells everyone how things are now and that it was the last they hear, and closes. */
  end(): void {
    if (this.size > 0) this.#look();
    for (const rhythm of this.#rhythms.values()) {
      const last = Buffer.from(this.#tick(rhythm) + event('bye', '{}'));
      for (const client of rhythm.clients) client.end(last);
    }
    this.close();
  }

  /** Forgets everyone. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { meter } of this.#rhythms.values()) this.#watch.leave(meter);
    this.#rhythms.clear();
    this.#told.clear();
  }

  #remove(client: ServerResponse, rhythm: Rhythm): void {
    rhythm.clients.delete(client);
    if (rhythm.clients.size > 0 || this.#rhythms.get(rhythm.every) !== rhythm) return;
    this.#rhythms.delete(rhythm.every);
    this.#watch.leave(rhythm.meter);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const due = Math.min(...[...this.#rhythms.values()].map((rhythm) => rhythm.due));
    if (due === Infinity) return;
    this.#timer = setTimeout(() => this.#beat(), Math.max(due - performance.now(), 0));
    this.#timer.unref();
  }

  #beat(): void {
    try {
      this.#look();
      const now = performance.now();
      for (const rhythm of this.#rhythms.values()) {
        if (rhythm.due > now + 1) continue;
        // What was missed while the event loop was blocked is not made up for.
        rhythm.due = Math.max(rhythm.due + rhythm.every, now + rhythm.every / 2);
        const tick = Buffer.from(this.#tick(rhythm));
        for (const client of rhythm.clients) send(client, tick);
      }
      this.#schedule();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Looks at the flows, and tells everyone those graphs that are not what they were: before any tick that goes with them. */
  #look(): void {
    this.#flows.lookNow();
    const told = new Map<ShownFlow, Graph>();
    for (const flow of this.#flows.all) {
      const { graph } = flow;
      told.set(flow, graph);
      if (this.#told.get(flow) === graph) continue;
      const news = event('graph', JSON.stringify(graph));
      for (const { clients } of this.#rhythms.values()) for (const client of clients) send(client, news);
    }
    this.#told = told;
  }

  #tick({ meter }: Rhythm): string {
    const at = Math.round(performance.timeOrigin + performance.now());
    const flows = this.#flows.all.map(({ tick }) => tick).join(',');
    return event('tick', `{"at":${at},"process":${JSON.stringify(meter.read())},"flows":[${flows}]}`);
  }
}

function event(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

function send(client: ServerResponse, text: string | Buffer): void {
  client.write(text);
  if (client.writableLength > MAX_PENDING) client.destroy();
}

/** Bytes that a client may be behind. */
const MAX_PENDING = 1024 * 1024;
/** Milliseconds until a page that has lost its connection tries again. */
const RETRY = 1000;
