import { advise } from './advise.ts';
import { bottleneckOf } from './bottleneck.ts';
import { noBottleneck } from './noBottleneck.ts';
import type { Diagnosis, FlowStats } from './report.ts';

/**
 * Says what limited a flow, and what would help.
 *
 * @param cores How many threads the machine can run at once.
 * @param loop The share of the time, from 0 to 1, in which the main thread was at work, if it is known.
 */
export function diagnose(stats: FlowStats, cores: number, loop: number | undefined): Diagnosis {
  const bottleneck = bottleneckOf(stats.stages, { gauges: stats.gauges, loop });
  const advice = advise(stats, bottleneck?.name, cores, loop);
  if (bottleneck !== undefined) return { bottleneck, advice };
  const otherwise = noBottleneck(stats, loop);
  return otherwise === undefined ? { advice } : { noBottleneck: otherwise, advice };
}
