import type { Item, Job, Result, Started } from './Contender.ts';
import { valueOf } from './valueOf.ts';

/** How many calls are under way at once for each thread: more do not help any of them much. */
const IN_FLIGHT = 16;

/** A contender that takes one call an item: keeps so many of them under way that no thread waits for the next. */
export function fromCalls(
  threads: number,
  call: (job: Job, item: Item, transfer: boolean) => PromiseLike<Result>,
  stop: () => Promise<unknown>,
): Started {
  return {
    async run(job, items, transfer) {
      const source = items[Symbol.iterator]();
      let sum = 0;
      const lane = async () => {
        for (let next = source.next(); next.done !== true; next = source.next()) {
          const result = await call(job, next.value, transfer);
          sum += valueOf(result);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT * threads }, lane));
      return sum;
    },
    async alone(items) {
      const took: number[] = [];
      for (const item of items) {
        const began = performance.now();
        await call('ofNumber', item, false);
        took.push(performance.now() - began);
      }
      return took;
    },
    stop: async () => void (await stop()),
  };
}
