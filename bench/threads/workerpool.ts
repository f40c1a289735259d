import { fileURLToPath } from 'node:url';
import { pool as createPool } from 'workerpool';
import type { Contender, Result } from './Contender.ts';
import { fromCalls } from './fromCalls.ts';
import { transfers } from './transfers.ts';

/** workerpool, on worker threads. */
export const workerpool: Contender = async (threads) => {
  const pool = createPool(fileURLToPath(new URL('./workerpoolWorker.js', import.meta.url)), {
    minWorkers: threads,
    maxWorkers: threads,
    workerType: 'thread',
  });
  return fromCalls(
    threads,
    (job, item, transfer) => pool.exec(job, [item], { transfer: transfers(item, transfer) }) as PromiseLike<Result>,
    async () => pool.terminate(),
  );
};
