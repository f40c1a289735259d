import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a flow that keeps the main thread at work, and its stages and sources hardly: what computes stands between them. */
export function betweenStages(reading: Reading): string | undefined {
  const { loop, limit, stages, stats } = reading;
  if (loop === undefined || loop < FULL) return undefined;
  if (limit !== undefined && reading.share(limit, 'busy') >= MOST) return undefined;
  const own = reading.loadOfMain();
  const items = Math.max(...stages.map((stage) => Math.max(stage.in, stage.out)));
  const each = ((loop - own) * stats.elapsed) / items;
  // What is less is mostly the handing on of items.
  if (loop - own < MOST || each < SMALLEST) return undefined;
  return (
    `The main thread is at work ${figures.percent(loop)} of the time, and only ${figures.percent(own)} of it are in stages and ` +
    `sources: operators between them (map, filter) or the rest of the program take ${figures.duration(each)} an item. Put what ` +
    `they compute in a stage (workerPool), which shows how long it takes, or on threads (parallel).`
  );
}

/** Shares of the main thread's time. */
const FULL = 0.9;
const MOST = 0.5;
/** Milliseconds an item: four times the way to a thread. */
const SMALLEST = 0.02;
