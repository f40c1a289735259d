import type { FiguresGauge, FiguresReading, ThreadState } from '../core/gauge.ts';

/** What one stage or source did in a flow. Times are milliseconds. */
export interface StageReport {
  /** Its own in the flow, and the same from look to look: a name that comes again is numbered. */
  readonly name: string;
  /** A `stretch` is a part of the flow that `named` counts; it holds nothing. */
  readonly kind: 'source' | 'stage' | 'stretch';
  /** The names of what its values go to next. None: to the end of the flow. */
  readonly to: readonly string[];
  /** Items that arrived; 0 for a source. `in = completed + failed + dropped + merged + deadLettered + abandoned + held`. */
  readonly in: number;
  /** Values that left. */
  readonly out: number;
  readonly completed: number;
  readonly failed: number;
  /** Further tries of items whose work was lost or took too long. */
  readonly retried: number;
  readonly dropped: number;
  /** How many of those dropped for each reason. */
  readonly droppedFor: Readonly<Record<string, number>>;
  readonly merged: number;
  readonly deadLettered: number;
  /** Items that were given up when the flow ended early. */
  readonly abandoned: number;
  /** Items in it now, and the most there ever were. */
  readonly held: number;
  readonly peak: number;
  /** `in` less everything that it should add up to: 0, unless the counters of a stage of your own are wrong. */
  readonly unaccounted: number;
  /** How many items came from something that cannot be paused while the stage held all it may. */
  readonly overrun: number;
  /** How many items could run at once; 0 where nothing runs. */
  readonly concurrency: number;
  /** How many of them ran at once, on average. */
  readonly used: number;
  /** What it did at each concurrency, where that has changed. */
  readonly levels?: readonly Level[];
  /** Values that left, a second, over the time of the flow. */
  readonly rate: number;
  /** Time at work, as a share of what `concurrency` allows: two of four running for a second count as 500 ms. */
  readonly busy: number;
  /** Time in which it had something to send and the gate below was closed. */
  readonly heldBack: number;
  /** The rest: it waited for input, or had spare places. */
  readonly idle: number;
  /** How long the work on one item took: half of them within `p50`, 99 in 100 within `p99`. Within 19 %. */
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
  /** How long an item waited until its work began, on average: by Little's law from how many were seen waiting. */
  readonly waited: number | undefined;
  /** How many items there will be in all, if the source knows. */
  readonly total?: number;
  /** The pool of threads that it runs on. */
  readonly pool?: string;
  /** What the stage has to say about itself. */
  readonly note?: string;
}

/** What a stage did while it had one concurrency. */
export interface Level {
  readonly concurrency: number;
  /** Items that ended, and milliseconds that it took. */
  readonly completed: number;
  readonly time: number;
}

/** What one thread of a pool does that a flow uses. Its counts and times are of since the flow uses the pool. */
export interface ThreadReport extends ThreadState {
  readonly pool: string;
  /** For how many milliseconds the flow has used the pool. */
  readonly time: number;
}

/** Something besides its stages that a flow uses and that has a state of its own: a circuit breaker, a limit. */
export interface GaugeReport extends FiguresReading {
  readonly kind: FiguresGauge['kind'];
  readonly name: string;
}

/** An item that failed, or a failure that was no item's. */
export interface FailureReport {
  /** Milliseconds since the flow was started. */
  readonly at: number;
  /** The name that the stage or source has in the report; `above "name"` where the error came to that stage from something that is none. */
  readonly stage: string;
  /** The error in a line. */
  readonly error: string;
  /** The item's place in the input, the item itself shortened and without secrets, and which try it was. */
  readonly index?: number;
  readonly item?: string;
  readonly attempt?: number;
}

/** A flow's counters at one moment. */
export interface FlowStats {
  readonly name: string;
  /** Milliseconds since the flow was started. */
  readonly elapsed: number;
  /** Values that came out at the end of the flow. */
  readonly results: number;
  /** Errors that could no longer be delivered: items that failed after their stage had already ended. */
  readonly lateErrors: number;
  /** Every source and stage, sources first, each before what lies below it. */
  readonly stages: readonly StageReport[];
  /** The threads that its stages use. */
  readonly threads: readonly ThreadReport[];
  readonly gauges: readonly GaugeReport[];
  /** The last failures, the newest last; twenty at most. */
  readonly failures: readonly FailureReport[];
}

/** What the counters of a flow say. */
export interface Diagnosis {
  /** The stage or source that the others wait for, where there is one, and how that shows. */
  readonly bottleneck?: { readonly name: string; readonly why: string };
  /** What the flow waits for instead, where there is none and that can be told. */
  readonly noBottleneck?: string;
  /** What might help, in sentences. */
  readonly advice: readonly string[];
}

/** How a flow went. */
export interface Report extends FlowStats, Diagnosis {
  /** By itself; because it was told to, with everything in flight finished; at once, with a loss; with an error. */
  readonly ended: 'completed' | 'quit' | 'aborted' | 'failed';
  /** Why it was aborted or failed. */
  readonly reason?: unknown;
  /** Items that were in the flow when it was aborted or failed. */
  readonly abandoned: number;
}
