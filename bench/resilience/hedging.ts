import { Budget, fromIterable, hedge, workerPool } from 'sluice';
import { defer, lastValueFrom, timeout, type Observable, type OperatorFunction } from 'rxjs';
import type { Table } from '../Table.ts';

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

/** A call that answers after a microtask. */
const call = (n: number): Observable<number> =>
  defer(async () => {
    await Promise.resolve();
    return n;
  });

/** Makes calls, a hundred at a time, each through `operator`. */
async function calls(items: number, operator: OperatorFunction<number, number>): Promise<unknown> {
  return lastValueFrom(
    fromIterable(numbers(items)).pipe(workerPool((n) => call(n).pipe(operator), { concurrency: 100 })),
  );
}

/** What it costs a call to be watched, where it is never late. */
export const hedging: Table = {
  title: 'hedges that are never needed: a call (await one microtask), at most 100 at once',
  items: 50_000,
  base: 'the call itself',
  claims: [],
  contenders: {
    'the call itself': { run: async (items) => calls(items, (source) => source) },
    'hedge, after a second': { ours: true, run: async (items) => calls(items, hedge({ after: 1_000 })) },
    "hedge, after: 'p95'": {
      ours: true,
      // Some are late by that measure, and with this budget one of a hundred calls is hedged.
      run: async (items) => calls(items, hedge({ after: 'p95', budget: new Budget({ ratio: 0.01 }) })),
    },
    'timeout of RxJS, a second': { run: async (items) => calls(items, timeout(1_000)) },
    'cockatiel, timeout of a second': {
      run: async (items) => {
        const policy = (await import('cockatiel')).timeout(
          1_000,
          (await import('cockatiel')).TimeoutStrategy.Aggressive,
        );
        return calls(items, (source) => defer(async () => policy.execute(async () => lastValueFrom(source))));
      },
    },
  },
};
