import type { Diagnosis, FlowStats, Report } from './report.ts';

/** A run, as what shows it sees it: the inspector, progress bars, exporters of metrics. */
export interface FlowView {
  readonly name: string;
  /** Whether it has been told to end and is finishing what it holds. */
  readonly quitting: boolean;
  /** What became of it, once it has ended. */
  readonly report: Report | undefined;
  stats(): FlowStats;
  /** What these counters say: which stage the others wait for, and what might help. While the flow runs, of its last seconds. */
  diagnose(stats: FlowStats): Diagnosis;
  /** How many items' work took how long in one stage, in the buckets of `core/telemetry`; `undefined` for an unknown stage. */
  durations(stage: string): Readonly<Uint32Array> | undefined;
  /** Calls `act` once the flow has ended and its report is there, before `done` settles. */
  onEnd(act: () => void): void;
}
