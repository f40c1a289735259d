import { threadId } from 'node:worker_threads';
import { task } from 'sluice/task';

/** Squares a number, and keeps the processor busy for half a second: what would stop everything else on the main thread. */
export const squareSlowly = task(import.meta.url, 'square slowly', (job: number, { signal }) => {
  const end = performance.now() + 500;
  while (performance.now() < end) signal.throwIfAborted();
  return { job, square: job * job, thread: threadId };
});
