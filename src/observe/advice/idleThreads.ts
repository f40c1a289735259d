import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a pool most of whose threads have nothing to do. */
export function idleThreads(reading: Reading): string | undefined {
  for (const { threads: places, stages } of reading.pools()) {
    const [stage] = stages;
    // One that was never needed was never started, and takes no memory.
    const threads = places.filter(({ state, items }) => state !== 'none' || items > 0);
    const time = Math.max(...threads.map((thread) => thread.time));
    // Work that is too small for a thread takes no time there, and belongs elsewhere altogether.
    if (stage === undefined || time < LONG_ENOUGH || stages.some((each) => reading.isTooSmall(each))) continue;
    const used = threads.reduce((sum, thread) => sum + thread.busy, 0) / time;
    const needed = Math.max(1, Math.ceil(used * SPARE));
    if (used > threads.length * HARDLY || needed > threads.length / 2 || used <= 0) continue;
    return (
      `The ${figures.count(threads.length)} threads of "${stage.name}" were at work ${figures.percent(used / threads.length)} ` +
      `of the time: threads: ${needed} would do, and take less memory.`
    );
  }
  return undefined;
}

/** Milliseconds: a thread that has just been started has not had much to do. */
const LONG_ENOUGH = 1000;
const SPARE = 1.5;
const HARDLY = 0.2;
