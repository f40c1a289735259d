import type { Contender } from './Contender.ts';
import { jobs } from './jobs.ts';
import { valueOf } from './valueOf.ts';

/** A plain loop on the main thread. */
export const sequential: Contender = async () => ({
  run: async (job, items) => {
    const doJob = jobs[job];
    let sum = 0;
    for (const item of items) sum += valueOf(doJob(item));
    return sum;
  },
  alone: async (items) => {
    const took: number[] = [];
    for (const item of items) {
      const began = performance.now();
      jobs.ofNumber(item);
      took.push(performance.now() - began);
    }
    return took;
  },
  stop: async () => {},
});
