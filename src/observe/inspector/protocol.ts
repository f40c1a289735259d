import type { FailureReport, GaugeReport, Report, ThreadReport } from '../report.ts';

/**
 * What the inspector's server tells its page, as server-sent events of `/events`: `hello` once, `graph` for each flow at first and
 * whenever its stages or their links have changed, `tick` several times a second, and `bye` when the last flow has ended. The
 * data of each is JSON. Numbers stand in arrays, so that 300 stages ten times a second are little to write and to read.
 */
export interface Hello {
  /** What the page shows as its title: the program. */
  readonly program: string;
  readonly pid: number;
  readonly node: string;
  /** Milliseconds between two ticks. */
  readonly every: number;
}

/** The stages of a flow and how they are linked. */
export interface Graph {
  /** The flow's own among all that this server has shown, from 1. */
  readonly flow: number;
  readonly name: string;
  /** When it was started, in milliseconds since 1970. */
  readonly started: number;
  /** In the order of the flow; a tick's `stages` come in the same order. */
  readonly stages: readonly GraphStage[];
}

export interface GraphStage {
  readonly name: string;
  readonly kind: 'source' | 'stage' | 'stretch';
  /** The places in `stages` of those that its values go to. None: to the end of the flow. */
  readonly to: readonly number[];
  /** The pool of threads that it runs on. */
  readonly pool?: string;
  readonly total?: number;
}

export interface Tick {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly process: ProcessTick;
  readonly flows: readonly FlowTick[];
}

/** What the process is like. */
export interface ProcessTick {
  /** How late the event loop came round since the last tick: the longest, in milliseconds. */
  readonly loopDelay: number;
  /** Bytes. */
  readonly memory: number;
  readonly heap: number;
  /** Processor time used since the last tick, as a share of one core. */
  readonly cpu: number;
}

export interface FlowTick {
  readonly flow: number;
  readonly state: 'running' | 'quitting' | Report['ended'];
  /** Milliseconds. */
  readonly elapsed: number;
  readonly results: number;
  readonly lateErrors: number;
  /** What was abandoned, and why it ended, once it has. */
  readonly abandoned?: number;
  readonly reason?: string;
  /**
   * Which stage the others wait for, by its place, and how that shows; or what the flow waits for where that is none; what might help.
   * Of a flow that runs all this is about its last seconds.
   */
  readonly bottleneck?: { readonly stage: number; readonly why: string };
  readonly noBottleneck?: string;
  readonly advice: readonly string[];
  /** The counters of each stage, in the order of {@link STAGE_FIELDS}; since the beginning, not since the last tick. */
  readonly stages: readonly (readonly number[])[];
  /** What stages have to say, and what they have dropped for which reason, by their places; those without are left out. */
  readonly notes: Readonly<Record<number, string>>;
  readonly droppedFor: Readonly<Record<number, Readonly<Record<string, number>>>>;
  readonly threads: readonly ThreadReport[];
  readonly gauges: readonly GaugeReport[];
  readonly failures: readonly FailureReport[];
}

/** What the numbers of a stage are. Times are milliseconds; -1 stands for one that is not known. */
export const STAGE_FIELDS = [
  'in',
  'out',
  'completed',
  'failed',
  'retried',
  'dropped',
  'merged',
  'deadLettered',
  'abandoned',
  'held',
  'peak',
  'overrun',
  'concurrency',
  'used',
  'busy',
  'heldBack',
  'idle',
  'p50',
  'p90',
  'p99',
  'waited',
] as const;

/**
 * `/histogram?flow=N&stage=PLACE` answers with this: how many items' work took how long since the beginning. Bucket `i` holds
 * those that took up to `2 ** (i / 4)` microseconds and longer than the bucket before.
 */
export interface StageHistogram {
  readonly flow: number;
  readonly stage: number;
  /** What the stage at this place is called: places change when the graph does. */
  readonly name: string;
  readonly buckets: readonly number[];
}
