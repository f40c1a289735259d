import type { FlowStats } from '../report.ts';

/** Whether enough has been seen of a flow for it to say something about itself. */
export function isEnough({ elapsed, stages }: FlowStats): boolean {
  return (
    elapsed >= LONG_ENOUGH &&
    stages.some((stage) => stage.kind !== 'stretch' && Math.max(stage.in, stage.out) >= ENOUGH)
  );
}

/** Milliseconds, and items. */
const LONG_ENOUGH = 200;
const ENOUGH = 20;
