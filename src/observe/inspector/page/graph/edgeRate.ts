import type { GraphStage } from '../../protocol.ts';
import type { StageNow } from '../flow/stageNow.ts';

/** How many stages give to each. */
export function sourcesOf(stages: readonly GraphStage[]): readonly number[] {
  const sources = stages.map(() => 0);
  for (const { to } of stages) for (const it of to) if (it in sources) sources[it]!++;
  return sources;
}

/**
 * How many values go along an edge each second, where that can be told from what its two ends count: all that leaves, if it
 * has nowhere else to go, or all that arrives, if it comes from nowhere else.
 */
export function edgeRate(
  edge: { readonly from: number; readonly to: number },
  stages: readonly GraphStage[],
  sources: readonly number[],
  now: readonly StageNow[],
): number | undefined {
  if (stages[edge.from]?.to.length === 1) return now[edge.from]?.rate;
  return sources[edge.to] === 1 ? now[edge.to]?.arriving : undefined;
}
