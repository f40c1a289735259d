import { amdahl } from '../../sync/sizing/amdahl.ts';
import type { StageReport } from '../report.ts';
import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage that computes on the main thread, which more concurrency cannot help. */
export function computing(reading: Reading): string | undefined {
  const { loop, limit } = reading;
  // Threads that are all at work come first: what is on the main thread may be busy feeding them.
  if (reading.cores < 2 || (limit?.pool !== undefined && (reading.utilisation(limit) ?? 0) >= FULL)) return undefined;
  const stage = heaviest(reading);
  if (stage === undefined) return undefined;
  const share = reading.load(stage);
  // What computes here excludes everything else: such times never overlap, and so come to the whole at most.
  const isAlone = reading.loadOfMain() <= WHOLE;
  const isFull = loop !== undefined ? loop >= FULL : isAlone && share >= FULL && stage.concurrency > 1;
  if (!isFull || (loop === undefined && limit !== undefined && limit !== stage)) return undefined;
  const gain = amdahl(Math.min(share, 1), reading.cores);
  if (gain < WORTH_IT) return undefined;

  const each = figures.duration(reading.service(stage));
  if (share > WHOLE) {
    return (
      `"${stage.name}" has ${figures.times(share)} items under way at once on average, and the main thread is at work ` +
      `${figures.percent(loop!)} of the time, so that still more at once brings nothing: ` +
      `put what it computes on threads (parallel).`
    );
  }
  const seen = `is at work ${figures.percent(share)} of the time on the main thread (${each} an item)`;
  const cure = `put it on threads (parallel), which can make the flow up to ${figures.times(gain)} times as fast on ${reading.cores} cores (Amdahl's law)`;
  if (loop !== undefined && isAlone) return `"${stage.name}" ${seen}, which more concurrency cannot change: ${cure}.`;
  const never = stage.concurrency > 1 ? `, never on more than one item at once although ${stage.concurrency} may` : '';
  return `"${stage.name}" ${seen}${never}: if it computes, ${cure}.`;
}

/**
 * The stage on the main thread that is under way for longest, if its items are worth a thread; one that has several under way at
 * once, so that it also waits, only where there is no other.
 */
function heaviest(reading: Reading): StageReport | undefined {
  const stages = reading.stages
    .filter(({ kind, pool, used }) => kind === 'stage' && pool === undefined && used >= SHARE)
    .filter((stage) => reading.service(stage) >= SMALLEST)
    .toSorted((a, b) => b.used - a.used);
  const single = stages.filter(({ used }) => used <= WHOLE);
  return single.find((stage) => stage === reading.limit) ?? single[0] ?? stages[0];
}

/** Of the main thread's time: what counts as all of it, and as enough of it to be worth moving. */
const FULL = 0.9;
const SHARE = 0.4;
/** What one thread can do at most; above it, something waited. */
const WHOLE = 1.1;
/** Milliseconds an item: four times the way to a thread. */
const SMALLEST = 0.02;
const WORTH_IT = 1.2;
