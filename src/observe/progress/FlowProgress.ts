import type { FlowView } from '../FlowView.ts';
import type { FlowStats, Report, StageReport } from '../report.ts';
import { KnownTotals } from './KnownTotals.ts';

/** How far one flow is, and how fast it goes. */
export interface FlowFigures {
  readonly name: string;
  /** Milliseconds since it was started. */
  readonly elapsed: number;
  readonly results: number;
  readonly quitting: boolean;
  /** What became of it. */
  readonly ended: Report['ended'] | undefined;
  /** Sources first, each before what lies below it. */
  readonly stages: readonly StageFigures[];
  /** The same, those that the flow waits for first. */
  readonly busiest: readonly StageFigures[];
}

/** How far one stage or source is. Rate and shares are those of the last seconds; of the whole time once the flow has ended. */
export interface StageFigures {
  readonly name: string;
  readonly kind: StageReport['kind'];
  /** Values that a source has given; items that a stage is done with, whatever became of them. */
  readonly done: number;
  /** How many that will be in all, where it is known. */
  readonly total: number | undefined;
  /** How many a second. */
  readonly rate: number;
  readonly held: number;
  /** Shares of the time, 0 to 1. */
  readonly busy: number;
  readonly heldBack: number;
}

/** Looks at one flow again and again, and remembers of the last seconds what rates are reckoned from. */
export class FlowProgress {
  readonly #view: FlowView;
  readonly #totals = new KnownTotals();
  /** The oldest first; the first one is as old as the window or older as soon as there is one. */
  #samples: Sample[] = [];
  #ranks: ReadonlyMap<string, number> = new Map();
  #ranked = Number.NEGATIVE_INFINITY;

  constructor(view: FlowView) {
    this.#view = view;
    this.#samples.push(sampleOf(view.stats()));
  }

  look(): FlowFigures {
    const { report } = this.#view;
    const stats = report ?? this.#view.stats();
    const before = report === undefined ? this.#samples[0]! : START;
    const totals = this.#totals.of(stats.stages);
    const stages = stats.stages.map((stage) => figuresOf(stage, totals.get(stage.name), stats.elapsed, before));
    this.#remember(stats);
    this.#rank(stages, stats.elapsed);
    return {
      name: stats.name,
      elapsed: stats.elapsed,
      results: stats.results,
      quitting: this.#view.quitting,
      ended: report?.ended,
      stages,
      busiest: stages.toSorted((a, b) => this.#rankOf(a) - this.#rankOf(b)),
    };
  }

  #remember(stats: FlowStats): void {
    if (stats.elapsed - this.#samples.at(-1)!.elapsed < SAMPLED) return;
    this.#samples.push(sampleOf(stats));
    const first = this.#samples.findLastIndex(({ elapsed }) => elapsed <= stats.elapsed - WINDOW);
    if (first > 0) this.#samples = this.#samples.slice(first);
  }

  /** Lines that change places at every look cannot be read, so that the order stays for a while. */
  #rank(stages: readonly StageFigures[], elapsed: number): void {
    if (elapsed - this.#ranked < RANKED) return;
    this.#ranked = elapsed;
    const sorted = stages.toSorted((a, b) => b.busy - b.heldBack - (a.busy - a.heldBack));
    this.#ranks = new Map(sorted.map(({ name }, rank) => [name, rank]));
  }

  #rankOf({ name }: StageFigures): number {
    return this.#ranks.get(name) ?? Number.MAX_SAFE_INTEGER;
  }
}

/** Milliseconds: over how long a rate is reckoned at least, how far apart what it is reckoned from is, and how long an order stays. */
const WINDOW = 3000;
const SAMPLED = 250;
const RANKED = 2000;

interface Sample {
  readonly elapsed: number;
  readonly stages: ReadonlyMap<string, Counted>;
}
type Counted = Pick<StageFigures, 'done' | 'busy' | 'heldBack'>;

const NOTHING: Counted = { done: 0, busy: 0, heldBack: 0 };
const START: Sample = { elapsed: 0, stages: new Map() };

function sampleOf({ elapsed, stages }: FlowStats): Sample {
  const counted = stages.map((stage) => {
    const { name, busy, heldBack } = stage;
    return [name, { done: doneOf(stage), busy, heldBack }] as const;
  });
  return { elapsed, stages: new Map(counted) };
}

function figuresOf(stage: StageReport, total: number | undefined, elapsed: number, since: Sample): StageFigures {
  const before = since.stages.get(stage.name) ?? NOTHING;
  const time = elapsed - since.elapsed;
  const done = doneOf(stage);
  const share = (spent: number): number => (time > 0 ? Math.min(1, Math.max(0, spent / time)) : 0);
  return {
    name: stage.name,
    kind: stage.kind,
    done,
    total,
    rate: time > 0 ? (Math.max(0, done - before.done) / time) * 1000 : 0,
    held: stage.held,
    busy: share(stage.busy - before.busy),
    heldBack: share(stage.heldBack - before.heldBack),
  };
}

function doneOf(stage: StageReport): number {
  return stage.kind === 'source' ? stage.out : stage.in - stage.held - stage.abandoned;
}
