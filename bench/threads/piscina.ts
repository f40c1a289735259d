import { Piscina } from 'piscina';
import type { Contender, Result } from './Contender.ts';
import { fromCalls } from './fromCalls.ts';
import { transfers } from './transfers.ts';

/** piscina, with as many tasks a worker as it was found to be fastest with. */
export const piscina: Contender = async (threads) => {
  const pool = new Piscina({
    filename: new URL('./work.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 8,
  });
  return fromCalls(
    threads,
    async (job, item, transfer) =>
      pool.run(item, { name: job, transferList: transfers(item, transfer) }) as Promise<Result>,
    async () => pool.destroy(),
  );
};
