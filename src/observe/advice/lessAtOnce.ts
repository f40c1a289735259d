import { littlesLaw } from '../../sync/sizing/littlesLaw.ts';
import type { StageReport } from '../report.ts';
import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage that may do far more at once than the rate of the flow needs. */
export function lessAtOnce(reading: Reading): string | undefined {
  const [found] = reading.stages
    .filter(({ kind, pool }) => kind === 'stage' && pool === undefined)
    .map((stage) => ({
      stage,
      isHeldBack: reading.share(stage, 'heldBack') >= MOSTLY,
      needed: neededBy(reading, stage),
    }))
    .filter(({ stage, isHeldBack, needed }) => isTooMuch(reading, stage, isHeldBack, needed))
    .toSorted((a, b) => b.stage.concurrency / b.needed - a.stage.concurrency / a.needed);
  if (found === undefined) return undefined;
  const { stage, isHeldBack, needed } = found;
  const rate = reading.rate(stage);
  const latency = reading.service(stage);
  const { inFlight } = littlesLaw({ rate, latency });
  const why =
    `${figures.rate(rate)} items a second of ${figures.duration(latency)} each make ${figures.times(inFlight)} at once ` +
    `(Little's law): a concurrency of ${figures.count(needed)} would do instead of ${figures.count(stage.concurrency)}`;
  if (!isHeldBack) return `"${stage.name}" may do far more at once than it needs, as ${why}.`;
  return `"${stage.name}" is held back ${figures.percent(reading.share(stage, 'heldBack'))} of the time, and ${why}, and hold fewer items.`;
}

/** What the stage needs at once, with half as much again for what comes unevenly, and for the slow ones among the items. */
function neededBy(reading: Reading, stage: StageReport): number {
  const slow = ((stage.p90 ?? 0) * reading.rate(stage)) / 1000;
  return Math.max(1, Math.ceil(stage.used * SPARE), Math.ceil(slow));
}

function isTooMuch(reading: Reading, stage: StageReport, isHeldBack: boolean, needed: number): boolean {
  const { concurrency, used } = stage;
  if (concurrency === Infinity || used <= 0 || reading.done(stage) < ENOUGH || concurrency < needed * FAR) return false;
  if (isHeldBack) return concurrency >= FAR;
  // Otherwise only where the rate is what it is because something else is the limit: a quiet flow may be in for a rush.
  const { limit } = reading;
  const isLimited = limit !== undefined && limit !== stage && (reading.utilisation(limit) ?? 0) >= SATURATED;
  return isLimited && limit.kind === 'stage' && concurrency >= LARGE;
}

const MOSTLY = 0.8;
const SPARE = 1.5;
const FAR = 4;
const LARGE = 16;
const ENOUGH = 20;
const SATURATED = 0.85;
