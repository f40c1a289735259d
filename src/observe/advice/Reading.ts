import type { FlowStats, StageReport, ThreadReport } from '../report.ts';
import { shareOf } from '../shareOf.ts';
import { StageGraph } from '../StageGraph.ts';

/** What else bounds the flow once a stage no longer does. */
export interface NextLimit {
  /** Who, as a sentence names it. */
  readonly who: string;
  /** How many times as fast as now the flow can be until then; `Infinity` where nothing else does any work to speak of. */
  readonly factor: number;
}

/**
 * The counters of a flow as advice is read from them. Stretches are left out: they are counted and have no times of their own.
 */
export class Reading {
  readonly stats: FlowStats;
  readonly stages: readonly StageReport[];
  /** The stage or source that the others wait for. */
  readonly limit: StageReport | undefined;
  readonly cores: number;
  /** The share of the time in which the main thread was at work, where that is known. */
  readonly loop: number | undefined;
  readonly #graph: StageGraph;

  constructor(stats: FlowStats, bottleneck: string | undefined, cores: number, loop: number | undefined) {
    this.stats = stats;
    this.stages = stats.stages.filter(({ kind }) => kind !== 'stretch');
    this.limit = this.stages.find(({ name }) => name === bottleneck);
    this.cores = cores;
    this.loop = loop;
    this.#graph = new StageGraph(stats.stages);
  }

  /** A time of a stage as a share of all its time. */
  share(stage: StageReport, time: 'busy' | 'heldBack'): number {
    return shareOf(stage, time);
  }

  /** How much of what it may do at once a stage did, from 0 to 1; `undefined` where nothing runs, or there is no bound. */
  utilisation(stage: StageReport): number | undefined {
    if (stage.kind === 'source') return Math.min(this.share(stage, 'busy'), 1);
    const { concurrency, used } = stage;
    return concurrency > 0 && concurrency < Infinity ? Math.min(used / concurrency, 1) : undefined;
  }

  /** How much of the time one thread would need for what a stage did: several at once may come to more than 1. */
  load(stage: StageReport): number {
    return stage.kind === 'source' ? this.share(stage, 'busy') : stage.used;
  }

  /** The same of all that do not run on threads. */
  loadOfMain(): number {
    return this.stages.filter(({ pool }) => pool === undefined).reduce((sum, stage) => sum + this.load(stage), 0);
  }

  /** Items whose work ended, in whatever way; for a source, those that it gave. */
  done(stage: StageReport): number {
    return stage.kind === 'source' ? stage.out : stage.completed + stage.failed + stage.deadLettered;
  }

  /** Items a second. */
  rate(stage: StageReport): number {
    return (this.done(stage) / this.stats.elapsed) * 1000;
  }

  /** Milliseconds that the work on an item takes on average. */
  service(stage: StageReport): number {
    const done = this.done(stage);
    return done === 0 ? 0 : (this.load(stage) * this.stats.elapsed) / done;
  }

  /** What sends to a stage directly, or through stretches that only count. */
  above(stage: StageReport): StageReport[] {
    return this.#graph.above(stage);
  }

  /** Whether items wait for a stage: what is above it is held back, or what cannot be held back has sent too many. */
  isAwaited(stage: StageReport): boolean {
    if (stage.overrun > 0) return true;
    if (stage.waited !== undefined && stage.waited > Math.max(this.service(stage), 1)) return true;
    return this.above(stage).some((above) => this.share(above, 'heldBack') >= HELD_BACK);
  }

  /** What becomes the limit once `stage` no longer is. */
  next(stage: StageReport): NextLimit {
    let next: NextLimit = { who: 'nothing else', factor: Infinity };
    for (const other of this.stages) {
      const utilisation = other === stage ? undefined : this.utilisation(other);
      if (utilisation !== undefined && 1 / utilisation < next.factor) {
        next = { who: `"${other.name}"`, factor: 1 / utilisation };
      }
    }
    if (this.loop !== undefined && 1 / this.loop < next.factor)
      next = { who: 'the main thread', factor: 1 / this.loop };
    return next;
  }

  /** Whether a stage on threads has work that costs less than the way to a thread and back. */
  isTooSmall({ pool, p50 }: StageReport): boolean {
    return pool !== undefined && p50 !== undefined && p50 < HOP;
  }

  /** The threads of each pool, and the stages that run on it. */
  pools(): { pool: string; threads: ThreadReport[]; stages: StageReport[] }[] {
    return [...new Set(this.stats.threads.map(({ pool }) => pool))].map((pool) => ({
      pool,
      threads: this.stats.threads.filter((thread) => thread.pool === pool),
      stages: this.stages.filter((stage) => stage.pool === pool),
    }));
  }
}

/** From which share of the time on what is above a stage counts as held back. */
const HELD_BACK = 0.1;

/** Milliseconds that sending an item to a thread, and its result back, costs: measured with numbers, in batches. */
export const HOP = 0.005;
