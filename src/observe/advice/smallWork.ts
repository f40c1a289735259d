import { figures } from './figures.ts';
import { HOP, type Reading } from './Reading.ts';

/** For a stage whose work costs less than the way to a thread and back. */
export function smallWork(reading: Reading): string | undefined {
  const stage = reading.stages.find(
    (each) => reading.isTooSmall(each) && each.completed >= ENOUGH && !isInline(each.note),
  );
  if (stage === undefined) return undefined;
  return (
    `"${stage.name}" takes ${figures.duration(stage.p50!)} an item, less than the way to a thread and back ` +
    `(about ${figures.duration(HOP)}): run it on the main thread with workerPool or map, or let inline: 'auto' decide.`
  );
}

/** Whether the stage has found that out by itself, and says so. */
function isInline(note: string | undefined): boolean {
  return note?.includes('on the main thread') === true;
}

/** Below that the times are those of code that was not compiled yet. */
const ENOUGH = 1000;
