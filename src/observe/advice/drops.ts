import type { StageReport } from '../report.ts';
import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage that gives up many items because what is below it is too slow. */
export function drops(reading: Reading): string | undefined {
  const [found] = reading.stages
    .map((stage) => ({ stage, lost: lost(stage), items: stage.in + (stage.kind === 'source' ? stage.out : 0) }))
    .filter(({ lost: { count }, items }) => items >= ENOUGH && count >= items * MANY)
    .toSorted((a, b) => b.lost.count - a.lost.count);
  if (found === undefined) return undefined;
  const { stage, items } = found;
  const { count, reasons } = found.lost;
  const { limit } = reading;
  const cure =
    limit === undefined || limit === stage
      ? 'give it more room (capacity), or a source that can be paused'
      : `make "${limit.name}" faster, or give it a source that can be paused`;
  return (
    `"${stage.name}" gave up ${figures.count(count)} of ${figures.count(items)} items ` +
    `(${figures.percent(count / items)}; ${reasons.join(', ')}): ${cure}.`
  );
}

/** What was given up for other reasons than that this is what the stage is for. */
function lost(stage: StageReport): { count: number; reasons: string[] } {
  const dropped = Object.entries(stage.droppedFor).filter(([reason, count]) => !MEANT.has(reason) && count > 0);
  return { count: dropped.reduce((sum, [, count]) => sum + count, 0), reasons: dropped.map(([reason]) => reason) };
}

/** `dedupe`, `splitResults`, `latestMap` and `rateLimit` with `mode: 'drop'` are there to drop. */
const MEANT: ReadonlySet<string> = new Set(['duplicate', 'unwanted', 'latest', 'limit', 'missed']);
const ENOUGH = 20;
const MANY = 0.05;
