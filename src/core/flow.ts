import type { Gate } from './gate.ts';
import type { Gauge } from './gauge.ts';
import type { Executor } from './poolSettings.ts';
import type { Telemetry } from './telemetry.ts';
import type { WorkWatch } from './workWatch.ts';

/**
 * One started flow, as the stages and sources in it see it. `run` implements it; without `run` there is none, and nothing
 * in this file costs anything.
 *
 * Stages and sources reach it by the same walk that finds the gate below them.
 */
export interface Flow {
  /** Whether the first overrun of a gate fails the flow (rule G7). */
  readonly strict: boolean;
  /** Whether sources have been told to end. One that is subscribed now should end at once. */
  readonly quitting: boolean;
  /** Closed for a moment whenever the flow has kept the event loop busy for long enough. Sources wait here too. */
  readonly turn: Gate;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Counts one item against this turn of the event loop, and closes {@link Flow.turn} once the turn is used up. */
  spend(): void;
  /** A stage or source starts. `false` means that the flow is ending already, and that the node must not begin. */
  join(node: FlowNode): boolean;
  /** A stage or source ends. Its counters stay in the report. */
  leave(node: FlowNode): void;
  /** A stage that works asks for what times its work and runs it in the context of the flow. */
  equip?<T, R>(stage: WorkingStage<T, R>): void;
  /** Something in the flow uses this. */
  meet?(gauge: Gauge): void;
  /**
   * A stage or source has failed, or an item in it: `slot` is where the item was. `null` says that the error is not its own, but has
   * come to it from above; that is told of the end of the flow, too, which has no name.
   */
  failed?(error: unknown, node: FlowNode, slot?: FailedItem | null): void;
  /** What says to another thread or machine which trace the work that begins now belongs to, if it is traced (W3C Trace Context). */
  readonly traceparent?: (() => string | undefined) | undefined;
  /** The flow counts as ended only once `released` settles: a file that is being closed, an iterator's `return()`. */
  releasing(released: PromiseLike<unknown>): void;
  /** Takes an error that can no longer be delivered, because the flow has already failed or been unsubscribed. */
  lateError(error: unknown, stage: string): void;
}

/** What {@link Flow.equip} changes: who hears of the work in a stage, and how it begins. */
export interface WorkingStage<T, R> extends FlowNode {
  watch: WorkWatch<T, R> | undefined;
  execute: Executor<T, R>;
  /** Whether the stage times the work itself. */
  readonly isTimed?: boolean;
}

/** The item that failed: a `Slot` is one. */
export interface FailedItem {
  readonly item: unknown;
  readonly index: number;
  /** Default 1. */
  readonly attempt?: number;
}

/** A stage or source in a started flow, or a stretch of it that is counted. */
export interface FlowNode {
  readonly kind: 'source' | 'stage' | 'stretch';
  readonly name: string;
  /** The same for all subscriptions that one call of an operator or source leads to; counters are summed by it. */
  readonly definition: object;
  readonly telemetry: Telemetry;
  /** How many values there will be in all, if a source knows. */
  readonly total?: number | undefined;
  /** The threads that it runs on. */
  readonly pool?: Gauge;
  /** What it has to say about itself in the report. */
  readonly note?: string | undefined;
  /** How many items it holds now. */
  readonly held: number;
  /** How many of these wait for their work to begin. */
  readonly queued?: number;
  /** The gates that its items go to. */
  readonly outlets: readonly Gate[];
  /** What its own upstream sees, if it holds items. */
  readonly gate?: Gate;
  /** Ends this node as if its input had ended: what it holds still goes on its way. */
  quit(): void;
}
