import type { FlowTick, Graph } from '../../protocol.ts';
import { Durations } from './Durations.ts';
import { read, readKnown, type Row } from './fields.ts';
import { Recent } from './Recent.ts';
import { Series } from './Series.ts';

/** The places of a stage's figures in its {@link Series}. */
export const STAGE = { rate: 0, held: 1, busy: 2, idle: 3, heldBack: 4, p50: 5, p90: 6, p99: 7 } as const;

/** One flow as the page knows it: its graph, its last tick, and a bounded history. */
export class FlowModel {
  readonly id: number;
  readonly recent = new Recent();
  /** By the names of stages, whose places change when the graph does. */
  readonly #stages = new Map<string, Series>();
  readonly #durations = new Map<string, Durations>();
  readonly #threads = new Map<string, Series>();
  #graph: Graph;
  #tick: FlowTick | undefined;
  #sampled: Sample | undefined;

  constructor(graph: Graph) {
    this.id = graph.flow;
    this.#graph = graph;
  }

  /** Another object whenever it has changed. */
  get graph(): Graph {
    return this.#graph;
  }

  set graph(graph: Graph) {
    const before = placesOf(this.#graph);
    this.#graph = graph;
    this.recent.rearrange(graph.stages.map(({ name }) => before.get(name)));
    const names = new Set(graph.stages.map(({ name }) => name));
    for (const known of [this.#stages, this.#durations])
      for (const name of known.keys()) if (!names.has(name)) known.delete(name);
  }

  get tick(): FlowTick | undefined {
    return this.#tick;
  }

  get hasEnded(): boolean {
    const state = this.#tick?.state;
    return state !== undefined && state !== 'running' && state !== 'quitting';
  }

  /** @param at When the server said it, in milliseconds since 1970. */
  take(tick: FlowTick, at: number): void {
    const hadEnded = this.hasEnded;
    this.#tick = tick;
    // Nothing moves any more: the last seconds before the end stay what they were.
    if (hadEnded) return;
    this.recent.push(tick.elapsed, tick.stages);
    const before = this.#sampled;
    if (before !== undefined && at - before.at < SECOND && !this.hasEnded) return;
    this.#sampled = { at, tick, graph: this.#graph };
    if (before !== undefined && tick.elapsed > before.tick.elapsed) this.#sample(at, before, tick);
  }

  stage(name: string): Series | undefined {
    return this.#stages.get(name);
  }

  thread(key: string): Series | undefined {
    return this.#threads.get(key);
  }

  /** How long the work of a stage took, as far as it has been asked for. */
  durations(name: string): Durations {
    const durations = this.#durations.get(name) ?? new Durations();
    this.#durations.set(name, durations);
    return durations;
  }

  #sample(at: number, { tick: before, graph }: Sample, tick: FlowTick): void {
    const seconds = (tick.elapsed - before.elapsed) / 1000;
    // Graphs may change more often than samples are taken.
    const places = placesOf(graph);
    for (const [place, { name }] of this.#graph.stages.entries()) {
      const was = before.stages[places.get(name) ?? -1];
      const is = tick.stages[place];
      if (is === undefined || was === undefined) continue;
      const series = this.#stages.get(name) ?? new Series(8);
      this.#stages.set(name, series);
      const rate = (read(is, 'out') - read(was, 'out')) / seconds;
      series.push(at, rate, read(is, 'held'), ...shares(was, is), ...latencies(is));
    }
    const threads = new Map(before.threads.map((thread) => [threadKey(thread), thread]));
    for (const thread of tick.threads.slice(0, MAX_THREADS)) {
      const key = threadKey(thread);
      const was = threads.get(key);
      const time = was === undefined ? 0 : thread.time - was.time;
      const series = this.#threads.get(key) ?? new Series(1, 60);
      this.#threads.set(key, series);
      if (was !== undefined && time > 0) series.push(at, Math.min(Math.max((thread.busy - was.busy) / time, 0), 1));
    }
    // A pool that has gone takes its history along.
    const there = new Set(tick.threads.map(threadKey));
    for (const key of this.#threads.keys()) if (!there.has(key)) this.#threads.delete(key);
  }
}

/** What was said at one moment, and of which graph. */
interface Sample {
  readonly at: number;
  readonly tick: FlowTick;
  readonly graph: Graph;
}

function placesOf({ stages }: Graph): Map<string, number> {
  return new Map(stages.map(({ name }, place) => [name, place]));
}

export const threadKey = (thread: { readonly pool: string; readonly thread: number }): string =>
  `${thread.pool}#${thread.thread}`;

/** Busy, idle and held back as shares of the time between two rows. */
function shares(was: Row, is: Row): [number, number, number] {
  const [busy, idle, heldBack] = (['busy', 'idle', 'heldBack'] as const).map((it) =>
    Math.max(read(is, it) - read(was, it), 0),
  ) as [number, number, number];
  const all = busy + idle + heldBack;
  return [busy / all, idle / all, heldBack / all];
}

function latencies(row: Row): number[] {
  return (['p50', 'p90', 'p99'] as const).map((it) => readKnown(row, it) ?? Number.NaN);
}

const SECOND = 1000;
const MAX_THREADS = 256;
