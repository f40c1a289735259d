import type { StageReport } from '../../src/observe/report.ts';

/** A report of one stage in which only what is given happened. */
export function stageReport(name: string, given: Partial<StageReport> = {}): StageReport {
  return {
    name,
    kind: 'stage',
    to: [],
    in: 0,
    out: 0,
    completed: 0,
    failed: 0,
    retried: 0,
    dropped: 0,
    droppedFor: {},
    merged: 0,
    deadLettered: 0,
    abandoned: 0,
    held: 0,
    unaccounted: 0,
    peak: 0,
    overrun: 0,
    concurrency: 0,
    used: 0,
    rate: 0,
    busy: 0,
    heldBack: 0,
    idle: 0,
    p50: undefined,
    p90: undefined,
    p99: undefined,
    waited: undefined,
    ...given,
  };
}
