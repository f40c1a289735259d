import type { Contender } from './Contender.ts';
import { fromCalls } from './fromCalls.ts';
import { callOf, startThread, threadsJs } from './threadsJs.ts';

/** Calls of threads.js, each to the thread that has the fewest under way. */
export const threadsCalls: Contender = async (threads) => {
  const lanes = await Promise.all(
    Array.from({ length: threads }, async () => ({ thread: await startThread(), busy: 0 })),
  );
  return fromCalls(
    threads,
    async (job, item, transfer) => {
      const lane = lanes.reduce((a, b) => (b.busy < a.busy ? b : a));
      lane.busy++;
      const result = await callOf(lane.thread, job, item, transfer);
      lane.busy--;
      return result;
    },
    async () => Promise.all(lanes.map(async ({ thread }) => threadsJs.Thread.terminate(thread))),
  );
};
