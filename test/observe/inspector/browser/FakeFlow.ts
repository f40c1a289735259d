import type { FlowTick, Graph, GraphStage } from '../../../../src/observe/inspector/protocol.ts';
import { STAGE_FIELDS } from '../../../../src/observe/inspector/protocol.ts';
import type { FailureReport, GaugeReport, ThreadReport } from '../../../../src/observe/report.ts';

type Field = (typeof STAGE_FIELDS)[number];

/** A stage of a flow that only exists in a test: what it is, how its counters grow each second, and what stays as it is. */
export interface FakeStage {
  readonly name: string;
  readonly kind?: GraphStage['kind'];
  readonly to?: readonly number[];
  readonly pool?: string;
  readonly total?: number;
  readonly perSecond?: Partial<Record<Field, number>>;
  readonly fixed?: Partial<Record<Field, number>>;
}

/** A flow that says what a test wants it to say. */
export class FakeFlow {
  readonly flow: number;
  name: string;
  stages: readonly FakeStage[];
  state: FlowTick['state'] = 'running';
  elapsed = 0;
  started = 1_764_000_000_000;
  more: Partial<FlowTick> = {};
  threads: ThreadReport[] = [];
  failures: FailureReport[] = [];
  gauges: GaugeReport[] = [];
  readonly #counters: number[][];

  constructor(flow: number, name: string, stages: readonly FakeStage[]) {
    this.flow = flow;
    this.name = name;
    this.stages = stages;
    this.#counters = stages.map(() => STAGE_FIELDS.map(() => 0));
  }

  /** Goes on by some time: every counter grows as its stage says. */
  advance(ms: number): void {
    this.elapsed += ms;
    for (const [place, { perSecond = {} }] of this.stages.entries())
      for (const [i, field] of STAGE_FIELDS.entries())
        this.#counters[place]![i]! += ((perSecond[field] ?? 0) * ms) / 1000;
  }

  get graph(): Graph {
    const stages = this.stages.map(({ name, kind = 'stage', to = [], pool, total }) => ({
      name,
      kind,
      to,
      ...(pool === undefined ? {} : { pool }),
      ...(total === undefined ? {} : { total }),
    }));
    return { flow: this.flow, name: this.name, started: this.started, stages };
  }

  get tick(): FlowTick {
    return {
      flow: this.flow,
      state: this.state,
      elapsed: this.elapsed,
      results: Math.round(this.#counters.at(-1)?.[STAGE_FIELDS.indexOf('out')] ?? 0),
      lateErrors: 0,
      advice: [],
      stages: this.stages.map((stage, place) => this.#row(stage, this.#counters[place]!)),
      notes: {},
      droppedFor: {},
      threads: this.threads,
      gauges: this.gauges,
      failures: this.failures,
      ...this.more,
    };
  }

  /** What arrived is what there is now, so that items are conserved unless a stage says otherwise. */
  #row({ kind, fixed = {} }: FakeStage, counters: readonly number[]): number[] {
    const value = (field: Field): number =>
      fixed[field] ?? (TIMES.has(field) ? counters : counters.map(Math.round))[STAGE_FIELDS.indexOf(field)]!;
    const sum = ENDS.reduce((all, field) => all + value(field), 0);
    return STAGE_FIELDS.map((field) => {
      if (field === 'in') return fixed.in ?? (kind === 'source' ? 0 : sum);
      if (KNOWN_LATER.has(field)) return fixed[field] ?? -1;
      return value(field);
    });
  }
}

const ENDS: readonly Field[] = ['completed', 'failed', 'dropped', 'merged', 'deadLettered', 'abandoned', 'held'];
const TIMES = new Set<Field>(['busy', 'heldBack', 'idle']);
const KNOWN_LATER = new Set<Field>(['p50', 'p90', 'p99', 'waited']);
