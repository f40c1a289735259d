import type { Telemetry } from './telemetry.ts';

/** How the work on an item ended: numbers, since they are looked at for every item. */
export const UNFINISHED = 0;
export const COMPLETED = 1;
export const FAILED = 2;
export const DEAD_LETTERED = 3;
/** Given up by an overflow policy. Whoever does it counts it. */
export const DROPPED = 4;

/** Counts an item that has ended and left. */
export function count(telemetry: Telemetry, outcome: number): void {
  if (outcome === COMPLETED) telemetry.completed++;
  else if (outcome === FAILED) telemetry.failed++;
  else if (outcome === DEAD_LETTERED) telemetry.deadLettered++;
}

/** A result that waits and is not simply the one value of a completed item: one of several, a failure, or a mere end. */
export class Part<R> {
  readonly value: R | undefined;
  readonly outcome: number;
  readonly hasValue: boolean;
  /** Whether it takes up room besides its item. */
  readonly isSurplus: boolean;

  constructor(value: R | undefined, outcome: number, hasValue = true, isSurplus = false) {
    this.value = value;
    this.outcome = outcome;
    this.hasValue = hasValue;
    this.isSurplus = isSurplus;
  }
}

/** Stands for a result that is simply the one value of a completed item. */
export const WHOLE = new Part<never>(undefined, COMPLETED);
