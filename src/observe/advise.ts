import { betweenStages } from './advice/betweenStages.ts';
import { computing } from './advice/computing.ts';
import { drops } from './advice/drops.ts';
import { failures } from './advice/failures.ts';
import { idleThreads } from './advice/idleThreads.ts';
import { isEnough } from './advice/isEnough.ts';
import { lessAtOnce } from './advice/lessAtOnce.ts';
import { moreAtOnce } from './advice/moreAtOnce.ts';
import { moreThreads } from './advice/moreThreads.ts';
import { overrun } from './advice/overrun.ts';
import { Reading } from './advice/Reading.ts';
import { restarts } from './advice/restarts.ts';
import { scaling } from './advice/scaling.ts';
import { slowSource } from './advice/slowSource.ts';
import { smallWork } from './advice/smallWork.ts';
import type { FlowStats } from './report.ts';

/**
 * Says in sentences what would help a flow, the most useful first; nothing where nothing should be changed, or too little has
 * been seen to say so.
 *
 * @param stats What the flow did.
 * @param bottleneck The name of the stage or source that the others wait for, if there is one.
 * @param cores How many threads the machine can run at once.
 * @param loop The share of the flow's time, from 0 to 1, in which the event loop of this thread was at work, if it is known: it
 * tells a stage that computes from one that waits.
 */
export function advise(stats: FlowStats, bottleneck: string | undefined, cores: number, loop?: number): string[] {
  if (!isEnough(stats)) return [];
  const reading = new Reading(stats, bottleneck, cores, loop);
  const aboutTheLimit = LIMITS.map((kind) => kind(reading)).find((sentence) => sentence !== undefined);
  const others = OTHERS.map((kind) => kind(reading));
  return [aboutTheLimit, ...others].filter((sentence) => sentence !== undefined).slice(0, MOST);
}

/** One kind of advice: a sentence, or nothing to say. */
type Kind = (reading: Reading) => string | undefined;

/** What helps against the bottleneck: only the first that has something to say, as the others would contradict it. */
const LIMITS: readonly Kind[] = [smallWork, computing, scaling, moreThreads, moreAtOnce, slowSource, betweenStages];
const OTHERS: readonly Kind[] = [overrun, failures, drops, restarts, lessAtOnce, idleThreads];

const MOST = 5;
