import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Contender, Result } from './Contender.ts';
import { fromCalls } from './fromCalls.ts';
import { transfers } from './transfers.ts';

/** `postMessage` of Node's own workers: a message an item and one back, to the worker that has the fewest. */
export const raw: Contender = async (threads) => {
  const lanes = Array.from({ length: threads }, () => {
    // A worker answers in the order in which it was asked.
    const waiting: ((result: Result) => void)[] = [];
    const worker = new Worker(new URL('./rawWorker.js', import.meta.url));
    worker.on('message', (result: Result) => waiting.shift()!(result));
    return { worker, waiting };
  });
  await Promise.all(lanes.map(async ({ worker }) => once(worker, 'online')));
  return fromCalls(
    threads,
    async (job, item, transfer) =>
      new Promise((resolve) => {
        const { worker, waiting } = lanes.reduce((a, b) => (b.waiting.length < a.waiting.length ? b : a));
        waiting.push(resolve);
        worker.postMessage([job, item], transfers(item, transfer));
      }),
    async () => Promise.all(lanes.map(async ({ worker }) => worker.terminate())),
  );
};
