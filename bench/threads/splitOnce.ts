import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Contender, Item, Job } from './Contender.ts';
import { transfers } from './transfers.ts';

/**
 * The items split into as many parts as there are threads, each part sent at once: what this machine's cores can do where
 * nothing has to be said on the way. Nobody can write a stream like that, as all items have to be there first.
 */
export const splitOnce: Contender = async (threads) => {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./splitOnceWorker.js', import.meta.url)));
  await Promise.all(workers.map(async (worker) => once(worker, 'online')));
  return {
    run: async (job, items, transfer) => {
      const parts: Item[][] = workers.map(() => []);
      let i = 0;
      for (const item of items) parts[i++ % threads]!.push(item);
      const sums = await Promise.all(workers.map(async (worker, at) => send(worker, job, parts[at]!, transfer)));
      return sums.reduce((a, b) => a + b, 0);
    },
    alone: async (items) => {
      const took: number[] = [];
      for (const item of items) {
        const began = performance.now();
        await send(workers[0]!, 'ofNumber', [item], false);
        took.push(performance.now() - began);
      }
      return took;
    },
    stop: async () => void (await Promise.all(workers.map(async (worker) => worker.terminate()))),
  };
};

/** Sends a worker its part. Gives the sum of what comes out. */
async function send(worker: Worker, job: Job, part: readonly Item[], transfer: boolean): Promise<number> {
  worker.postMessage(
    [job, part],
    part.flatMap((item) => transfers(item, transfer)),
  );
  const [sum] = (await once(worker, 'message')) as [number];
  return sum;
}
