import { fromIterable } from 'sluice';
import { parallel, ThreadPool } from 'sluice/parallel';
import type { Contender, Item, Job } from './Contender.ts';
import { tasks } from './tasks.ts';
import { valueOf } from './valueOf.ts';

/** Our own operator, in the order of the input; `batching` says whether it may send several items at once. */
export function ours(batching: boolean): Contender {
  const most = batching ? {} : { maxBatch: 1 };
  return async (threads) => {
    const pool = new ThreadPool({ threads });
    const flow = (job: Job, items: Iterable<Item> | AsyncIterable<Item>, transfer: boolean) =>
      fromIterable(items).pipe(parallel(tasks[job], { threads: pool, order: 'input', transfer, ...most }));
    return {
      run: async (job, items, transfer) =>
        new Promise((resolve, reject) => {
          let sum = 0;
          flow(job, items, transfer).subscribe({
            next: (result) => void (sum += valueOf(result)),
            complete: () => resolve(sum),
            error: reject,
          });
        }),
      alone: async (items) =>
        new Promise((resolve, reject) => {
          const took: number[] = [];
          let began = 0;
          let arrived: (() => void) | undefined;
          async function* oneByOne() {
            for (const item of items) {
              const back = new Promise<void>((done) => (arrived = done));
              began = performance.now();
              yield item;
              await back;
            }
          }
          flow('ofNumber', oneByOne(), false).subscribe({
            next: () => {
              took.push(performance.now() - began);
              arrived?.();
            },
            complete: () => resolve(took),
            error: reject,
          });
        }),
      stop: async () => pool.close(),
    };
  };
}
