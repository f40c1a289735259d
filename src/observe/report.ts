/** What one stage or source did in a flow. Times are milliseconds. */
export interface StageReport {
  readonly name: string;
  readonly kind: 'source' | 'stage';
  /** Items that arrived; 0 for a source. `in = completed + failed + dropped + merged + deadLettered + abandoned + held`. */
  readonly in: number;
  /** Values that left. */
  readonly out: number;
  readonly completed: number;
  readonly failed: number;
  readonly dropped: number;
  readonly merged: number;
  readonly deadLettered: number;
  /** Items that were given up when the flow ended early. */
  readonly abandoned: number;
  /** Items in it now, and the most there ever were. */
  readonly held: number;
  readonly peak: number;
  /** How many items could run at once; 0 where nothing runs. */
  readonly concurrency: number;
  /** Time at work, as a share of what `concurrency` allows: two of four running for a second count as 500 ms. */
  readonly busy: number;
  /** Time in which it had something to send and the gate below was closed. */
  readonly heldBack: number;
  /** The rest: it waited for input, or had spare places. */
  readonly idle: number;
  /** How long the work on one item took: half of them within `p50`, 99 in 100 within `p99`. Within 19 %. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  /** What the stage has to say about itself. */
  readonly note?: string;
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
}

/** How a flow went. */
export interface Report extends FlowStats {
  /** By itself; because it was told to, with everything in flight finished; at once, with a loss; with an error. */
  readonly ended: 'completed' | 'quit' | 'aborted' | 'failed';
  /** Why it was aborted or failed. */
  readonly reason?: unknown;
  /** The stage or source that the others waited for, where there is one, and how that shows. */
  readonly bottleneck?: { readonly name: string; readonly why: string };
  /** What might help, in sentences. */
  readonly advice: readonly string[];
  /** Items that were in the flow when it was aborted or failed. */
  readonly abandoned: number;
}
