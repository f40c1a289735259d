import { batch, signal } from '@preact/signals';
import type { FlowTick, Graph, Hello, Tick } from '../protocol.ts';
import { FlowModel } from './flow/FlowModel.ts';
import { Series } from './flow/Series.ts';
import { stageNow, type StageNow } from './flow/stageNow.ts';
import type { Message, Status } from './link/Sink.ts';

/** Everything that is drawn of a flow, as of one moment: nothing of it changes until the next is drawn. */
export interface Picture {
  readonly flow: FlowModel;
  readonly graph: Graph;
  readonly tick: FlowTick | undefined;
  readonly process: Tick['process'] | undefined;
  readonly now: readonly StageNow[];
}

/** What the page knows and what it shows of that: it goes on learning while its drawing is paused. */
export class Board {
  readonly status = signal<Status>({ phase: 'connecting', since: 0, tries: 0 });
  readonly hello = signal<Hello | undefined>(undefined);
  readonly flows = signal<readonly FlowModel[]>([]);
  /** Of the chosen flow. */
  readonly picture = signal<Picture | undefined>(undefined);
  /** The chosen stage, by its name, which stays the same when the graph changes. */
  readonly stage = signal<string | undefined>(undefined);
  readonly isPaused = signal(false);
  /** Event-loop delay, memory, heap and processor time, second by second. */
  process = new Series(4);
  /** When the server last said how things are, by the clock of the page. */
  heardAt: number | undefined;

  #chosen: number | undefined;
  #tick: Tick | undefined;
  #worstDelay = 0;
  #pending = false;
  readonly #schedule: (draw: () => void) => void;

  /** @param schedule Calls once it is time to draw. */
  constructor(schedule: (draw: () => void) => void) {
    this.#schedule = schedule;
  }

  take(message: Message): void {
    switch (message.type) {
      case 'hello':
        return this.#greet(message.data);
      case 'graph':
        return this.#learn(message.data);
      case 'tick':
        return this.#count(message.data);
      case 'bye':
        return undefined;
    }
  }

  /** Shows another flow. */
  choose(flow: number): void {
    this.#chosen = flow;
    this.stage.value = undefined;
    this.#draw();
  }

  pause(isPaused: boolean): void {
    this.isPaused.value = isPaused;
    if (!isPaused) this.#draw();
  }

  #greet(hello: Hello): void {
    const known = this.hello.peek();
    // Another program at the same address has nothing to do with what was shown so far.
    if (known !== undefined && known.pid !== hello.pid) {
      this.flows.value = [];
      this.#chosen = undefined;
      this.stage.value = undefined;
      this.picture.value = undefined;
      this.process = new Series(4);
      this.#tick = undefined;
      this.#worstDelay = 0;
      // What was held still is gone.
      this.isPaused.value = false;
    }
    this.hello.value = hello;
  }

  #learn(graph: Graph): void {
    const flows = this.flows.peek();
    const known = flows.find(({ id }) => id === graph.flow);
    // A later inspector of the same program counts its flows from 1 again.
    if (known === undefined || known.graph.started !== graph.started) {
      const others = flows.filter((flow) => flow !== known);
      this.flows.value = [...others, new FlowModel(graph)].toSorted((a, b) => a.id - b.id);
    } else if (JSON.stringify(known.graph) !== JSON.stringify(graph)) known.graph = graph;
    this.#requestDraw();
  }

  #count(tick: Tick): void {
    this.#tick = tick;
    this.heardAt = performance.now();
    const flows = this.flows.peek();
    const kept = flows.filter(({ id }) => tick.flows.some(({ flow }) => flow === id));
    // The server forgets flows that ended long ago, and so does the page.
    if (kept.length < flows.length) this.flows.value = kept;
    for (const it of tick.flows) flows.find(({ id }) => id === it.flow)?.take(it, tick.at);
    const { loopDelay, memory, heap, cpu } = tick.process;
    this.#worstDelay = Math.max(this.#worstDelay, loopDelay);
    if (this.process.last === undefined || tick.at - this.process.last >= SECOND) {
      this.process.push(tick.at, this.#worstDelay, memory, heap, cpu);
      this.#worstDelay = 0;
    }
    this.#requestDraw();
  }

  #requestDraw(): void {
    if (this.#pending || this.isPaused.peek()) return;
    this.#pending = true;
    this.#schedule(() => {
      this.#pending = false;
      if (!this.isPaused.peek()) this.#draw();
    });
  }

  #draw(): void {
    const flows = this.flows.peek();
    const running = flows.findLast(({ hasEnded }) => !hasEnded);
    const flow = flows.find(({ id }) => id === this.#chosen) ?? running ?? flows.at(-1);
    batch(() => {
      if (flow === undefined) {
        this.picture.value = undefined;
        return;
      }
      // Who looks at a flow stays with it when it ends, and goes to another only when the server has forgotten it. Until the first tick nobody
      // knows which of them run.
      if (flow.tick !== undefined) this.#chosen = flow.id;
      const { graph, tick } = flow;
      const now = graph.stages.map((_, place) => stageNow(flow, place));
      this.picture.value = { flow, graph, tick, process: this.#tick?.process, now };
      if (this.stage.peek() !== undefined && !graph.stages.some(({ name }) => name === this.stage.peek()))
        this.stage.value = undefined;
    });
  }
}

const SECOND = 1000;
