import { fromIterable, rateLimit, workerPool } from 'sluice';
import { lastValueFrom } from 'rxjs';
import type { Table } from '../Table.ts';

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

const job = async (n: number) => {
  await Promise.resolve();
  return n;
};

/** So many jobs at a time. */
const AT_ONCE = 100;
/** More a second than anything here gets done. */
const NEVER_REACHED = 1_000_000_000;

/** Does `call` for so many numbers, a hundred at a time. */
async function loops(items: number, call: (n: number) => PromiseLike<number>): Promise<number> {
  const source = numbers(items);
  let sum = 0;
  const loop = async () => {
    for (const n of source) {
      const result = await call(n);
      sum += result;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  return sum;
}

/** What a rate limit costs an item where the rate is never reached. */
export const rateLimiting: Table = {
  title: 'rate limits that are never reached: a job (await one microtask), at most 100 at once',
  items: 100_000,
  base: 'workerPool without a limit',
  claims: [],
  contenders: {
    'workerPool without a limit': {
      ours: true,
      run: async (items) => lastValueFrom(fromIterable(numbers(items)).pipe(workerPool(job, { concurrency: AT_ONCE }))),
    },
    'rateLimit + workerPool': {
      ours: true,
      run: async (items) =>
        lastValueFrom(
          fromIterable(numbers(items)).pipe(
            rateLimit({ limit: NEVER_REACHED, per: 1_000, burst: NEVER_REACHED }),
            workerPool(job, { concurrency: AT_ONCE }),
          ),
        ),
    },
    'rateLimit by 100 keys + workerPool': {
      ours: true,
      run: async (items) =>
        lastValueFrom(
          fromIterable(numbers(items)).pipe(
            rateLimit({ limit: NEVER_REACHED, per: 1_000, burst: NEVER_REACHED, key: (n) => n % 100 }),
            workerPool(job, { concurrency: AT_ONCE }),
          ),
        ),
    },
    'p-throttle': {
      items: 10_000,
      run: async (items) => {
        const { default: pThrottle } = await import('p-throttle');
        const throttled = pThrottle({ limit: NEVER_REACHED, interval: 1_000 })(job);
        return loops(items, async (n) => throttled(n));
      },
    },
    bottleneck: {
      items: 10_000,
      run: async (items) => {
        const { default: Bottleneck } = await import('bottleneck');
        // Its jobs go one after the other through timers of a millisecond, also where it is given no limit at all.
        const limiter = new Bottleneck({ reservoir: NEVER_REACHED });
        const sum = await loops(items, async (n) => limiter.schedule(async () => job(n)));
        await limiter.disconnect();
        return sum;
      },
    },
  },
};
