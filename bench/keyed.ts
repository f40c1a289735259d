import { concatMap, from, groupBy, mergeMap, type Observable } from 'rxjs';
import { fromIterable, hooks, keyed as keyedOperator, workerPool } from 'sluice';
import type { Table } from './Table.ts';

const KEYS = 100;

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

const keyOf = (n: number) => n % KEYS;

const job = async (n: number) => {
  await Promise.resolve();
  return n;
};

/** Items of a hundred keys: those of one key one after the other, the keys side by side. */
export const keyed: Table = {
  title: 'keyed: 100 keys, the items of each in order (await one microtask)',
  items: 200_000,
  base: 'RxJS groupBy + concatMap',
  claims: [
    { row: 'keyed', atMost: 1_000 },
    { row: 'keyed', than: 'RxJS groupBy + concatMap', atMost: 1 },
    { row: 'keyed', than: 'Effect groupByKey', atMost: 1 },
  ],
  contenders: {
    'RxJS groupBy + concatMap': {
      run: (items) =>
        sum(
          from(numbers(items)).pipe(
            groupBy(keyOf),
            mergeMap((group) => group.pipe(concatMap(job))),
          ),
        ),
    },
    keyed: {
      ours: true,
      run: (items) => sum(fromIterable(numbers(items)).pipe(keyedOperator(keyOf, job, { concurrency: KEYS }))),
    },
    'groupBy + workerPool': {
      ours: true,
      run: (items) => {
        // Through the subjects of groupBy no stage can hold its source back.
        hooks.warn = () => {};
        return sum(
          fromIterable(numbers(items)).pipe(
            groupBy(keyOf),
            mergeMap((group) => group.pipe(workerPool(job))),
          ),
        );
      },
    },
    'Effect groupByKey': {
      items: 50_000,
      run: async (items) => {
        const { Effect, Stream } = await import('effect');
        return Effect.runPromise(
          Stream.fromIterable(numbers(items)).pipe(
            Stream.groupByKey(keyOf),
            Stream.mapEffect(
              ([, group]) =>
                Stream.runFold(
                  Stream.mapEffect(group, (n) => Effect.promise(() => job(n))),
                  () => 0,
                  (total, n) => total + n,
                ),
              {
                concurrency: 'unbounded',
              },
            ),
            Stream.runFold(
              () => 0,
              (total, n) => total + n,
            ),
          ),
        );
      },
    },
  },
};

function sum(results: Observable<number>) {
  return new Promise<number>((resolve, reject) => {
    let total = 0;
    results.subscribe({ next: (n) => void (total += n), complete: () => resolve(total), error: reject });
  });
}
