import type { Report } from './report.ts';
import type { FlowView } from './FlowView.ts';

/**
 * What `run`'s option `telemetry` takes: it is told of every flow that is started with it. `openTelemetry` of
 * `sluice/opentelemetry` makes one.
 */
export interface FlowObserver {
  /** A flow is being started: its first source has not been subscribed yet. */
  begin(flow: FlowView): FlowWatch;
}

/** What is told of one flow. An error that a member throws is reported as a warning, and the watch is not told of anything more. */
export interface FlowWatch {
  /** Runs `subscribe`, which subscribes the flow, in the context that everything in it is to see. */
  start(subscribe: () => void): void;
  /**
   * The work on an item begins: calls `begin` once, in the context that the work is to see. Gives what is to hear of its end, or
   * `undefined` if nobody wants to.
   */
  around(item: WorkItem, begin: () => void): WorkEnd | undefined;
  /** What says to another thread which trace the present work belongs to: a `traceparent` as the W3C defines it. */
  traceparent(): string | undefined;
  /** The flow has ended. */
  end(report: Report): void;
}

/** The item that work begins on. */
export interface WorkItem {
  readonly stage: string;
  /** Its place in the stage's input, from 0, and which try it is, from 1. */
  readonly index: number;
  readonly attempt: number;
}

/** Hears of the end of the work on an item. */
export interface WorkEnd {
  failed(error: unknown): void;
  /** It has ended, well or not; after {@link WorkEnd.failed} in the latter case. */
  ended(): void;
}
