// Operators, sinks and sources that keep to the rules in ways that a check might not expect.
import { map, mergeMap, pipe, timer, type Observable } from 'rxjs';
import { buffered, delay, forEach, operate, workerPool } from 'sluice';
import { describe, expect, test } from 'vitest';
import { conform, type Check } from '../../src/testing/conform.ts';
import { operatorSink } from '../conformance/operatorSink.ts';

const MAX = 2 ** 31 - 1;
const divided = (ms: number): Observable<unknown> =>
  ms <= MAX ? timer(ms) : timer(MAX).pipe(mergeMap(() => divided(ms - MAX)));

/** What they are like, the rules whose checks might accuse them, and the checks. */
const innocents: readonly (readonly [string, readonly string[], () => Check[]])[] = [
  [
    'an operator that divides a delay which no timer can keep',
    ['R-51'],
    () =>
      conform(() => map((x: unknown) => x), {
        kind: 'operator',
        name: 'divides',
        bound: 0,
        time: { delay: (ms) => mergeMap((x) => divided(ms).pipe(map(() => x))) },
      }),
  ],
  [
    'a pool of several that takes only promises',
    ['R-31'],
    () =>
      conform((fn) => workerPool(fn, { concurrency: 8 }), {
        kind: 'operator',
        name: 'promises',
        bound: 24,
        concurrency: 8,
        order: 'completion',
        takes: ['promise'],
        isAsync: true,
      }),
  ],
  [
    'an operator whose results come in another order',
    ['R-21', 'R-31'],
    () =>
      conform(
        () =>
          pipe(
            mergeMap((x: unknown) => timer(Number(x) % 3).pipe(map(() => x))),
            buffered({ capacity: Infinity }),
          ),
        { kind: 'operator', name: 'shuffles', bound: Infinity, order: 'completion' },
      ),
  ],
  [
    'an operator that takes time, and fails beyond a low limit of items that it holds',
    ['R-06', 'R-23'],
    () =>
      conform(() => delay(3, { capacity: 4, overflowLimit: 30 }), {
        kind: 'operator',
        name: 'delay',
        bound: 4,
        overflowLimit: 30,
        chain: 100,
      }),
  ],
  [
    'an operator that ends its timer with each subscription, while the timers of others fire',
    ['R-01', 'R-02', 'R-04', 'R-05', 'R-42', 'R-44'],
    () => {
      for (let ms = 1; ms <= 10; ms++) setTimeout(() => {}, ms);
      return conform(
        () =>
          operate<unknown, unknown>(({ out }) => {
            const beat = setInterval(() => {}, 1);
            return { next: (item) => out.next(item), finalize: () => clearInterval(beat) };
          }),
        { kind: 'operator', name: 'beats', bound: 0, isAsync: true },
      );
    },
  ],
  [
    'a sink that writes a hundred items at once',
    ['R-30', 'R-33'],
    () =>
      conform(
        operatorSink<unknown, unknown[]>((to) => forEach(to.write, { capacity: 1, batch: { size: 100 } })),
        { kind: 'sink', name: 'batches', bound: 300, contents: (items) => items },
      ),
  ],
];

describe('no check accuses', () => {
  test.each(innocents)('%s: %j', async (_, rules, checks) => {
    const accused: string[] = [];
    const some = checks().filter(({ rule }) => rules.includes(rule));
    expect(some.length).toBeGreaterThan(0);
    for (const { title, run } of some) {
      try {
        await run();
      } catch (error) {
        accused.push(`${title}: ${(error as Error).message.split('\n').slice(2, 4).join(' ')}`);
      }
    }
    expect(accused).toEqual([]);
  });
});
