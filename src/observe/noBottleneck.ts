import { figures } from './advice/figures.ts';
import type { FlowStats, StageReport } from './report.ts';
import { shareOf } from './shareOf.ts';

/**
 * Says what a flow waited for where that was no stage and no source; `undefined` if it was over too soon to tell.
 *
 * @param loop The share of the time, from 0 to 1, in which the main thread was at work, if it is known.
 */
export function noBottleneck({ elapsed, stages }: FlowStats, loop: number | undefined): string | undefined {
  if (elapsed < LONG_ENOUGH) return undefined;
  const none = 'none was at work most of the time';
  if (loop !== undefined && loop >= FULL) {
    const share = figures.percent(loop);
    return `${none}, but the main thread was (${share}): in operators between them, or elsewhere in the program`;
  }
  const source = stages.find((stage) => stage.kind === 'source' && shareOf(stage, 'heldBack') >= SOME);
  if (source !== undefined) {
    return `${none}, though "${source.name}" was held back ${figures.percent(shareOf(source, 'heldBack'))}`;
  }
  const stuck = stages.find(isStuck);
  if (stuck !== undefined) {
    return `${none} as far as was timed, but "${stuck.name}" held ${figures.count(stuck.held)} items and ended none of them`;
  }
  return `${none}, so the flow waited for what came in`;
}

/** Whether it had work in hand all the while: where items are quick, few are timed, and one that hangs may not be. */
function isStuck({ concurrency, held, completed, failed, deadLettered }: StageReport): boolean {
  return concurrency > 0 && held > 0 && completed + failed + deadLettered === 0;
}

/** Milliseconds. */
const LONG_ENOUGH = 200;
const FULL = 0.9;
const SOME = 0.1;
