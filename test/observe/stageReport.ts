import type { StageReport } from '../../src/observe/report.ts';

/** A report of one stage in which only what is given happened. */
export function stageReport(name: string, given: Partial<StageReport> = {}): StageReport {
  return {
    name,
    kind: 'stage',
    in: 0,
    out: 0,
    completed: 0,
    failed: 0,
    dropped: 0,
    merged: 0,
    deadLettered: 0,
    abandoned: 0,
    held: 0,
    peak: 0,
    concurrency: 0,
    busy: 0,
    heldBack: 0,
    idle: 0,
    p50: undefined,
    p99: undefined,
    ...given,
  };
}
