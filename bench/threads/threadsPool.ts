import type { Contender } from './Contender.ts';
import { fromCalls } from './fromCalls.ts';
import { callOf, startThread, threadsJs } from './threadsJs.ts';

/** `Pool` of threads.js. */
export const threadsPool: Contender = async (threads) => {
  const pool = threadsJs.Pool(startThread, threads);
  return fromCalls(
    threads,
    (job, item, transfer) => pool.queue(async (thread) => callOf(thread, job, item, transfer)),
    async () => pool.terminate(true),
  );
};
