import type { StageReport } from './report.ts';

/** A time of a stage as a share of all its time, from 0 to 1. */
export function shareOf(stage: StageReport, time: 'busy' | 'heldBack'): number {
  const all = stage.busy + stage.heldBack + stage.idle;
  return all > 0 ? stage[time] / all : 0;
}
