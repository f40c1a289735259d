import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';
import type { Contender, Item, Result } from './Contender.ts';
import { fromCalls } from './fromCalls.ts';
import { transfers } from './transfers.ts';

/** poolifier, with the settings that it was found to be fastest with. */
export const poolifier: Contender = async (threads) => {
  const pool = new FixedThreadPool<Item, Result>(
    threads,
    fileURLToPath(new URL('./poolifierWorker.js', import.meta.url)),
    { enableTasksQueue: true, tasksQueueOptions: { concurrency: 8 } },
  );
  return fromCalls(
    threads,
    async (job, item, transfer) => pool.execute(item, job, undefined, transfers(item, transfer)),
    async () => pool.destroy(),
  );
};
