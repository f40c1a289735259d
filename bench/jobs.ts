import { Readable } from 'node:stream';
import { from, mergeMap, type Observable } from 'rxjs';
import { fromIterable, workerPool } from 'sluice';
import type { Contender, Table } from './Table.ts';

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

type Job = (n: number) => Promise<number>;

const jobs: Record<'microtask' | 'setImmediate', Job> = {
  microtask: async (n) => {
    await Promise.resolve();
    return n;
  },
  setImmediate: async (n) => {
    await new Promise((resolve) => setImmediate(resolve));
    return n;
  },
};

const AT_ONCE = 100;

/** A great many small asynchronous jobs, at most a hundred at once, whose results are added up. */
export function jobsTable(kind: keyof typeof jobs): Table {
  const job = jobs[kind];
  // RxJS' way is quadratic: rows of three sizes show it.
  const mergeMapped: Contender = { run: (items) => sum(from(numbers(items)).pipe(mergeMap(job, AT_ONCE))) };
  return {
    title: `small asynchronous jobs (await one ${kind}), at most 100 at once`,
    items: kind === 'microtask' ? 1_000_000 : 100_000,
    base: 'hand-written loops',
    claims: [
      { row: 'workerPool', than: 'hand-written loops', atMost: 1.4 },
      { row: "workerPool, order: 'input'", than: 'hand-written loops', atMost: 1.6 },
      { row: 'workerPool', than: 'p-map: pMap', atMost: 0.5 },
      { row: 'workerPool', than: 'p-map: pMapIterable', atMost: 0.5 },
    ],
    contenders: {
      'hand-written loops': {
        run: async (items) => {
          const source = numbers(items);
          let total = 0;
          const loop = async () => {
            // Read after the wait, not before: other loops add to it meanwhile.
            for (const n of source) {
              const result = await job(n);
              total += result;
            }
          };
          await Promise.all(Array.from({ length: AT_ONCE }, loop));
          return total;
        },
      },
      workerPool: {
        ours: true,
        run: (items) => sum(fromIterable(numbers(items)).pipe(workerPool(job, { concurrency: AT_ONCE }))),
      },
      "workerPool, order: 'input'": {
        ours: true,
        run: (items) =>
          sum(fromIterable(numbers(items)).pipe(workerPool(job, { concurrency: AT_ONCE, order: 'input' }))),
      },
      'p-map: pMapIterable': {
        run: async (items) => {
          const { pMapIterable } = await import('p-map');
          let total = 0;
          for await (const n of pMapIterable(numbers(items), job, { concurrency: AT_ONCE })) total += n;
          return total;
        },
      },
      'p-map: pMap': {
        run: async (items) => {
          const { default: pMap } = await import('p-map');
          let total = 0;
          await pMap(
            numbers(items),
            async (n) => {
              const result = await job(n);
              total += result;
            },
            { concurrency: AT_ONCE },
          );
          return total;
        },
      },
      'p-queue with onSizeLessThan': {
        items: 50_000,
        run: async (items) => {
          const { default: PQueue } = await import('p-queue');
          const queue = new PQueue({ concurrency: AT_ONCE });
          let total = 0;
          for (const n of numbers(items)) {
            await queue.onSizeLessThan(AT_ONCE);
            void queue.add(async () => {
              const result = await job(n);
              total += result;
            });
          }
          await queue.onIdle();
          return total;
        },
      },
      'Node Readable.map': {
        items: 50_000,
        run: async (items) => {
          let total = 0;
          for await (const n of Readable.from(numbers(items)).map(job, { concurrency: AT_ONCE })) total += n as number;
          return total;
        },
      },
      'p-limit': {
        items: 50_000,
        run: async (items) => {
          const { default: pLimit } = await import('p-limit');
          const limit = pLimit(AT_ONCE);
          let total = 0;
          await Promise.all(
            Array.from(numbers(items), (n) =>
              limit(async () => {
                const result = await job(n);
                total += result;
              }),
            ),
          );
          return total;
        },
      },
      'Effect mapEffect, unordered': {
        items: 10_000,
        run: async (items) => {
          const { Effect, Stream } = await import('effect');
          return Effect.runPromise(
            Stream.fromIterable(numbers(items)).pipe(
              Stream.mapEffect((n) => Effect.promise(() => job(n)), { concurrency: AT_ONCE, unordered: true }),
              Stream.runFold(
                () => 0,
                (total, n) => total + n,
              ),
            ),
          );
        },
      },
      'IxJS flatMap': {
        items: 2_000,
        run: async (items) => {
          const { from: ixFrom } = await import('ix/asynciterable');
          const { flatMap } = await import('ix/asynciterable/operators');
          let total = 0;
          for await (const n of ixFrom(numbers(items)).pipe(flatMap(async (i) => [await job(i)], AT_ONCE))) total += n;
          return total;
        },
      },
      ...(kind === 'microtask' && { 'Go, 100 goroutines (nothing to await)': { run: { go: 'jobs' } } }),
      'RxJS mergeMap, few items': { ...mergeMapped, items: 10_000 },
      'RxJS mergeMap, twice as many': { ...mergeMapped, items: 20_000 },
      'RxJS mergeMap, four times': { ...mergeMapped, items: 40_000 },
    },
  };
}

/** Without an operator of its own: the others add up in a plain loop. */
function sum(results: Observable<number>) {
  return new Promise<number>((resolve, reject) => {
    let total = 0;
    results.subscribe({ next: (n) => void (total += n), complete: () => resolve(total), error: reject });
  });
}
