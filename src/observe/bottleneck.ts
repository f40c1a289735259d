import type { StageReport } from './report.ts';

/**
 * Finds the stage or source that the others waited for: the first, from the sources on, that was at work most of the time
 * and hardly held back, below something that was held back. (The reasoning is that of Apache Flink's busy, idle and
 * back-pressured time.) `undefined` if nothing was at work most of the time.
 */
export function bottleneckOf(
  stages: readonly StageReport[],
): { readonly name: string; readonly why: string } | undefined {
  const busy = stages.filter((stage) => share(stage, 'busy') >= MOST && share(stage, 'heldBack') < MOST);
  const limits = busy.filter((stage) => heldBackAbove(stages, stage) !== undefined);
  // Where one is held back a good part of the time itself, what holds it back is to blame, if that is busy too.
  const below = limits.find((stage) => share(stage, 'heldBack') < A_GOOD_PART) ?? limits[0];
  const stage = below ?? busy.toSorted((a, b) => share(b, 'busy') - share(a, 'busy'))[0];
  if (stage === undefined) return undefined;
  const above = heldBackAbove(stages, stage);
  const own = `it was at work ${percent(stage, 'busy')} of the time and held back ${percent(stage, 'heldBack')}`;
  const others =
    above === undefined ? '' : `, while "${above.name}" above it was held back ${percent(above, 'heldBack')}`;
  return { name: stage.name, why: own + others };
}

const MOST = 0.5;
const SOME = 0.1;
const A_GOOD_PART = 0.2;

function heldBackAbove(stages: readonly StageReport[], stage: StageReport): StageReport | undefined {
  return stages.slice(0, stages.indexOf(stage)).findLast((above) => share(above, 'heldBack') >= SOME);
}

function share(stage: StageReport, time: 'busy' | 'heldBack'): number {
  return stage[time] / (stage.busy + stage.heldBack + stage.idle || 1);
}

function percent(stage: StageReport, time: 'busy' | 'heldBack'): string {
  return `${Math.round(share(stage, time) * 100)} %`;
}
