import type { Gate } from '../../core/gate.ts';
import type { Clock } from './Clock.ts';
import type { Items } from './Items.ts';
import type { Journal } from './Journal.ts';
import type { Rules } from './Rules.ts';
import type { Move, Schedule } from './schedule.ts';

/** What everything that plays a part in one run knows of it. */
export interface Scene {
  readonly schedule: Schedule;
  readonly rules: Rules;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly items: Items;
  /** The gate at the end of the flow. */
  readonly gate: Gate;
  /** Every error that may end the flow by now. */
  readonly failures: unknown[];
  /** Whether the flow has completed, failed or been unsubscribed. */
  readonly isOver: boolean;
  /** How many items may run at once, at this moment. */
  readonly limit: number;
  /** How many items the operator may hold at this moment. */
  readonly bound: number;
  /** Performs the moves of the `n`-th moment of a kind. */
  perform(at: Move['at'], n: number): void;
}
