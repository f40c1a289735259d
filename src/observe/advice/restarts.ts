import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For threads that are replaced so often that starting them costs a share of their time. */
export function restarts(reading: Reading): string | undefined {
  for (const { threads, stages } of reading.pools()) {
    const count = threads.reduce((sum, thread) => sum + thread.restarts, 0);
    const time = threads.reduce((sum, thread) => sum + thread.time, 0);
    const [stage] = stages;
    if (stage === undefined || count < SEVERAL || count * START < time * MANY) continue;
    const items = threads.reduce((sum, thread) => sum + thread.items, 0);
    return (
      `The threads of "${stage.name}" were replaced ${figures.count(count)} times, once every ` +
      `${figures.count(items / count)} items, and a start takes tens of milliseconds: find out what ends them ` +
      `(a crash, timeout, maxMemory), or raise maxTasksPerThread.`
    );
  }
  return undefined;
}

const SEVERAL = 3;
/** Milliseconds that a thread takes to start, without modules of any size. */
const START = 30;
const MANY = 0.05;
