import { duration } from './duration.ts';
import type { StageReport } from './report.ts';

/**
 * Finds the stage or source that the others waited for: the first, from the sources on, that was at work most of the time
 * and hardly held back, below something that was held back. (The reasoning is that of Apache Flink's busy, idle and
 * back-pressured time.) `undefined` if nothing was at work most of the time.
 */
export function bottleneckOf(
  stages: readonly StageReport[],
): { name: string; why: string; stage: StageReport } | undefined {
  const busy = stages.filter((stage) => share(stage, 'busy') >= MOST && share(stage, 'heldBack') < MOST);
  const below = busy.find((stage) => heldBackAbove(stages, stage) !== undefined);
  const stage = below ?? busy.toSorted((a, b) => share(b, 'busy') - share(a, 'busy'))[0];
  if (stage === undefined) return undefined;
  const above = heldBackAbove(stages, stage);
  const own = `it was at work ${percent(stage, 'busy')} of the time and held back ${percent(stage, 'heldBack')}`;
  const others =
    above === undefined ? '' : `, while "${above.name}" above it was held back ${percent(above, 'heldBack')}`;
  return { name: stage.name, why: own + others, stage };
}

/** What might help against a bottleneck. */
export function adviceOn(stage: StageReport): string {
  if (stage.kind === 'source')
    return `"${stage.name}" gives items more slowly than the stages below it take them: read it in larger pieces or from several places.`;
  const each = stage.p50 === undefined ? '' : ` (${duration(stage.p50)} an item at ${stage.concurrency} at once)`;
  return `"${stage.name}" limits the flow${each}: raise its concurrency if it waits for something outside this process, or make its work cheaper.`;
}

const MOST = 0.5;
const SOME = 0.1;

function heldBackAbove(stages: readonly StageReport[], stage: StageReport): StageReport | undefined {
  return stages.slice(0, stages.indexOf(stage)).findLast((above) => share(above, 'heldBack') >= SOME);
}

function share(stage: StageReport, time: 'busy' | 'heldBack'): number {
  return stage[time] / (stage.busy + stage.heldBack + stage.idle || 1);
}

function percent(stage: StageReport, time: 'busy' | 'heldBack'): string {
  return `${Math.round(share(stage, time) * 100)} %`;
}
