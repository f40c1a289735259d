import { EMPTY, concat, defer, from, map, of, take, throwError, type Observable } from 'rxjs';
import { channel } from '../../src/sources/channel.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { mergeSorted } from '../../src/sources/mergeSorted.ts';
import { paginate } from '../../src/sources/paginate.ts';
import { poll } from '../../src/sources/poll.ts';
import { restartable } from '../../src/sources/restartable.ts';
import { select } from '../../src/sources/select.ts';
import { ticker } from '../../src/sources/ticker.ts';
import { conform } from '../../src/testing/conform.ts';
import type { Suites } from './suites.ts';

/** The same items, each with a promise. */
async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

const same = (item: unknown): Observable<unknown> => of(item);

/** A list of pages with two items each, which fails at its end if it is told to. */
function pages(items: Iterable<unknown>, isAsync: boolean, prefetch: number, error?: { readonly error: unknown }) {
  const list = [...items];
  const fetchPage = (at = 0) => {
    if (error !== undefined && at >= list.length) throw error.error;
    const next = at + 2;
    return { items: list.slice(at, next), next: error !== undefined || next < list.length ? next : undefined };
  };
  return isAsync
    ? paginate(async (at?: number) => fetchPage(at), { prefetch })
    : paginate((at?: number) => fetchPage(at), { prefetch });
}

/** Its ticks stand for the items: the first for the first. */
const ticks = (items: readonly unknown[], missed: 'skip' | 'burst' | 'delay'): Observable<unknown> =>
  ticker({ every: 1, missed, initial: 0 }).pipe(
    take(items.length),
    map((_, n) => items[n]),
  );

/** Its answers are the items; the last ends it. */
function asking(items: Iterable<unknown>, isAsync: boolean): Observable<unknown> {
  const list = [...items];
  if (list.length === 0) return EMPTY;
  return defer(() => {
    let n = 0;
    const ask = (): unknown => list[n++];
    return poll(isAsync ? async () => ask() : ask, { every: 0, until: () => n === list.length });
  });
}

/** Its answers are the items, and then it fails. */
function askingUntil(items: readonly unknown[], error: unknown, isAsync: boolean): Observable<unknown> {
  return defer(() => {
    let n = 0;
    const ask = (): unknown => {
      if (n === items.length) throw error;
      return items[n++];
    };
    return poll(isAsync ? async () => ask() : ask, { every: 0 });
  });
}

/** Every source of these, with the inputs and options that make a difference. */
export const sources2Suites: Suites = {
  select: [
    conform((items) => select([[fromIterable(items), same]], { repeat: true }), {
      kind: 'source',
      name: 'select(repeat)',
      slack: 1,
    }),
    conform(
      (items) =>
        select(
          [
            [EMPTY, same],
            [fromIterable(() => later(items)), async (item) => item],
          ],
          { repeat: true, fairness: 'rotate' },
        ),
      { kind: 'source', name: 'select(repeat, async)', isAsync: true, slack: 2 },
    ),
    conform((items) => select([[fromIterable(items), (item) => item]]), {
      kind: 'source',
      name: 'select',
      pulls: false,
      isSingle: true,
      failing: (_, error) => select([[throwError(() => error), same]]),
    }),
    conform(
      (items) => {
        const lane = channel<unknown>({ capacity: Infinity });
        for (const item of items) lane.trySend(item);
        lane.close();
        return select([[lane, (item) => item]], { repeat: true, fairness: 'order' });
      },
      { kind: 'source', name: 'select(a channel)', pulls: false, receivers: 'shared', failing: false },
    ),
  ],
  ticker: (['skip', 'burst', 'delay'] as const).map((missed) =>
    conform((items) => ticks([...items], missed), {
      kind: 'source',
      name: `ticker(${missed})`,
      pulls: false,
      failing: (items, error) =>
        concat(
          ticks(items, missed),
          throwError(() => error),
        ),
    }),
  ),
  paginate: [
    conform((items) => pages(items, false, 0), {
      kind: 'source',
      name: 'paginate',
      pulls: false,
      failing: (items, error) => pages(items, false, 0, { error }),
    }),
    conform((items) => pages(items, true, 0), {
      kind: 'source',
      name: 'paginate(async)',
      pulls: false,
      isAsync: true,
      failing: (items, error) => pages(items, true, 0, { error }),
    }),
    conform((items) => pages(items, true, 2), {
      kind: 'source',
      name: 'paginate(prefetch)',
      pulls: false,
      isAsync: true,
      failing: (items, error) => pages(items, true, 2, { error }),
    }),
    conform((items) => paginate(() => ({ items })), {
      kind: 'source',
      name: 'paginate(one page)',
    }),
  ],
  poll: [
    conform((items) => asking(items, false), {
      kind: 'source',
      name: 'poll',
      pulls: false,
      failing: (items, error) => askingUntil(items, error, false),
    }),
    conform((items) => asking(items, true), {
      kind: 'source',
      name: 'poll(async)',
      pulls: false,
      isAsync: true,
      failing: (items, error) => askingUntil(items, error, true),
    }),
  ],
  restartable: [
    conform((items) => restartable(() => items, { backoff: 1 }), {
      kind: 'source',
      name: 'restartable',
      failing: (items, error) =>
        restartable(
          () =>
            concat(
              fromIterable(items),
              throwError(() => error),
            ),
          { backoff: 1, max: 0 },
        ),
    }),
    conform(
      (items) => {
        const list = [...items];
        return defer(() => {
          let n = 0;
          // A new source for each item, and then one that has none.
          const one = () =>
            n < list.length
              ? concat(
                  fromIterable([list[n++]]),
                  throwError(() => 'again'),
                )
              : EMPTY;
          return restartable(one, { backoff: 0 });
        });
      },
      { kind: 'source', name: 'restartable(many)', pulls: false, failing: false },
    ),
  ],
  mergeSorted: [
    conform((items) => mergeSorted([fromIterable(items), EMPTY], { by: () => 0 }), {
      kind: 'source',
      name: 'mergeSorted',
      slack: 1,
    }),
    conform((items) => mergeSorted([[], fromIterable(() => later(items))], { by: () => '', onDisorder: 'pass' }), {
      kind: 'source',
      name: 'mergeSorted(async)',
      isAsync: true,
      slack: 2,
    }),
    conform((items) => mergeSorted([[], [...items], from([])], { by: () => 1n }), {
      kind: 'source',
      name: 'mergeSorted(an array)',
      pulls: false,
      failing: (items, error) =>
        mergeSorted(
          [
            concat(
              fromIterable(items),
              throwError(() => error),
            ),
          ],
          { by: () => 0 },
        ),
    }),
  ],
};
