import type { ServerResponse } from 'node:http';
import type { Graph, Hello } from './protocol.ts';
import type { ProcessMeter, ProcessWatch } from './ProcessWatch.ts';
import type { ShownFlow } from './ShownFlow.ts';
import type { ShownFlows } from './ShownFlows.ts';

/** The clients that hear a tick at the same moments. */
interface Rhythm {
  readonly every: number;
  /** With how many bytes each was told last. */
  readonly clients: Map<ServerResponse, number>;
  readonly meter: ProcessMeter;
  /** The graph of each flow that all of them have been told. */
  told: ReadonlyMap<ShownFlow, Graph>;
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
    this.#flows.lookNow();
    const rhythm = this.#rhythms.get(every) ?? {
      every,
      clients: new Map(),
      meter: this.#watch.join(),
      told: this.#graphs(),
      due: performance.now() + every,
    };
    this.#rhythms.set(every, rhythm);
    client.on('error', () => client.destroy());
    client.on('close', () => this.#remove(client, rhythm));
    // What the event loop was late so far is for those to hear who were there.
    const meter = this.#watch.join();
    try {
      const greeting = `retry: ${RETRY}\n${event('hello', JSON.stringify(hello))}`;
      tell(rhythm, client, Buffer.from(greeting + this.#news(new Map(), meter)));
    } finally {
      this.#watch.leave(meter);
    }
    this.#schedule();
  }

  /** Tells everyone how things are now and that it was the last they hear, and closes. */
  end(): void {
    if (this.size > 0) this.#flows.lookNow();
    for (const { clients, told, meter } of this.#rhythms.values()) {
      const last = Buffer.from(this.#news(told, meter) + event('bye', '{}'));
      for (const client of clients.keys()) client.end(last);
    }
    this.close();
  }

  /** Forgets everyone. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { meter } of this.#rhythms.values()) this.#watch.leave(meter);
    this.#rhythms.clear();
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
      this.#flows.lookNow();
      const now = performance.now();
      for (const rhythm of this.#rhythms.values()) {
        if (rhythm.due > now + 1) continue;
        // What was missed while the event loop was blocked is not made up for.
        rhythm.due = Math.max(rhythm.due + rhythm.every, now + rhythm.every / 2);
        const news = Buffer.from(this.#news(rhythm.told, rhythm.meter));
        rhythm.told = this.#graphs();
        for (const client of rhythm.clients.keys()) tell(rhythm, client, news);
      }
      this.#schedule();
    } catch (error) {
      this.#failed(error);
    }
  }

  #graphs(): ReadonlyMap<ShownFlow, Graph> {
    return new Map(this.#flows.all.map((flow) => [flow, flow.graph]));
  }

  /** Those graphs that are not what they were when they were told, and the tick that goes with them. */
  #news(told: ReadonlyMap<ShownFlow, Graph>, meter: ProcessMeter): string {
    const at = Math.round(performance.timeOrigin + performance.now());
    const changed = this.#flows.all.filter((flow) => told.get(flow) !== flow.graph);
    const graphs = changed.map(({ graph }) => event('graph', JSON.stringify(graph)));
    const flows = this.#flows.all.map(({ tick }) => tick).join(',');
    const tick = `{"at":${at},"process":${JSON.stringify(meter.read())},"flows":[${flows}]}`;
    return graphs.join('') + event('tick', tick);
  }
}

function event(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

/**
 * Tells a client something, or drops it if it is too far behind. What it was told last does not count: nothing of it leaves before the end
 * of the turn, however fast the client reads, and then it takes its time.
 */
function tell({ clients }: Rhythm, client: ServerResponse, text: Buffer): void {
  if (client.writableLength - (clients.get(client) ?? 0) > MAX_PENDING) {
    client.destroy();
    return;
  }
  client.write(text);
  clients.set(client, text.length);
}

/** Bytes that a client may be behind. */
const MAX_PENDING = 1024 * 1024;
/** Milliseconds until a page that has lost its connection tries again. */
const RETRY = 1000;
