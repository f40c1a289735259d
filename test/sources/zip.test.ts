import fc from 'fast-check';
import {
  concatMap,
  delay,
  EMPTY,
  from,
  map,
  NEVER,
  of,
  Subject,
  take,
  throwError,
  timer,
  zip as rxjsZip,
  type Observable,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { zip } from '../../src/sources/zip.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { timeline } from '../operators/timeline.ts';

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
});
afterEach(() => {
  vi.restoreAllMocks();
  warnings.length = 0;
});

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

async function* letters(): AsyncGenerator<string> {
  yield 'a';
  yield 'b';
}

/** The rows and the end, without their times. */
const rowsOf = (source: Observable<readonly number[]>): string =>
  timeline(() => source.pipe(map((row) => row.join()))).replaceAll(/\d+:/g, '');

const values = <T>(source: Observable<T>): T[] => {
  const seen: T[] = [];
  source.subscribe((value) => seen.push(value));
  return seen;
};

describe('zip', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' a-b----|');
      const second = cold('--u--v---w');
      const subs = '       ^------!';
      const expected = '   --x--y-|';
      expectObservable(zip(first, second)).toBe(expected, { x: ['a', 'u'], y: ['b', 'v'] });
      expectSubscriptions(first.subscriptions).toBe(subs);
      expectSubscriptions(second.subscriptions).toBe(subs);
    });
  });

  test('completes as soon as one that has completed has no item left, and not before', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' ab|         ');
      const second = cold('---u---v---w');
      const expected = '   ---x---(y|) ';
      expectObservable(zip([first, second], { capacity: 2 })).toBe(expected, { x: ['a', 'u'], y: ['b', 'v'] });
      expectSubscriptions(second.subscriptions).toBe('^------!');
    });
  });

  test('of nothing, of one, of one that is empty', () => {
    const ends: string[] = [];
    zip().subscribe({ complete: () => ends.push('nothing') });
    zip([], {}).subscribe({ complete: () => ends.push('empty list') });
    zip(NEVER, EMPTY, NEVER).subscribe({ complete: () => ends.push('one is empty') });
    expect(ends).toEqual(['nothing', 'empty list', 'one is empty']);
    expect(values(zip([1, 2]))).toEqual([[1], [2]]);
  });

  test('the first error ends it at once, also at a closed gate; the others are unsubscribed', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const other = cold('ab-------');
      expectObservable(zip(cold('a--#'), other).pipe(gated('x'))).toBe('---#');
      expectSubscriptions(other.subscriptions).toBe('^--!');
    });
  });

  test('R-04: an early unsubscribe reaches all sources', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = [cold('a---'), cold('----')];
      expectObservable(zip(...sources), '--!').toBe('---');
      for (const { subscriptions } of sources) expectSubscriptions(subscriptions).toBe('^-!');
    });
  });

  test('takes promises, iterables and async iterables', async () => {
    const seen: unknown[] = [];
    await new Promise<void>((complete) => {
      zip(letters(), naturals(), Promise.resolve('p')).subscribe({ next: (row) => seen.push(row), complete });
    });
    expect(seen).toEqual([['a', 0, 'p']]);
  });

  test('G1: holds capacity items of each source, and each back by itself', () => {
    for (const capacity of [1, 3]) {
      const fast = new ProbeSource(naturals());
      const slow = new Subject<string>();
      const probe = new Probe<readonly [number, string]>();
      probe.subscribe(zip([fast.items$, slow], { capacity }));
      expect(fast.produced).toBe(capacity);
      slow.next('a');
      expect([probe.values, fast.produced]).toEqual([[[0, 'a']], capacity + 1]);
      probe.unsubscribe();
      expect([fast.isSubscribed, slow.observed]).toEqual([false, false]);
    }
  });

  test('the gate that the faster source sees', () => {
    marbles(({ cold, gated, expectObservable, expectGate }) => {
      const demand = gated<readonly [string, string]>('o---x---o--');
      const fast = new ProbeSource('abc', false);
      const slow = cold('                              --u---v---w');
      const expected = '                                --x-----y-z';
      // It has three: what is wanted of it after that does not come.
      const gate = '                                    x---------o';
      const rows = { x: ['a', 'u'], y: ['b', 'v'], z: ['c', 'w'] };
      expectObservable(zip(fast.items$, slow).pipe(demand), '-----------!').toBe(expected, rows);
      expectGate(fast).toBe(gate);
    });
  });

  test('R-10: at a closed gate it makes no row, and takes no more', () => {
    const sources = [new ProbeSource(naturals()), new ProbeSource(naturals())] as const;
    const probe = new Probe<readonly [number, number]>();
    probe.close();
    probe.subscribe(zip(sources[0].items$, sources[1].items$));
    expect(sources.map(({ produced }) => produced)).toEqual([1, 1]);
    probe.allow(2);
    expect(probe.values).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(sources.map(({ produced }) => produced)).toEqual([3, 3]);
    probe.unsubscribe();
    expect([probe.gate.attached, probe.gate.waiting, probe.violations]).toEqual([0, 0, []]);
  });

  test('G7: sources that cannot be paused are kept in order, with one warning for all, up to the limit', () => {
    const [a, b] = [new Subject<number>(), new Subject<number>()];
    const probe = new Probe<readonly [number, number]>();
    probe.subscribe(zip([a, b], { overflowLimit: 3 }));
    for (let n = 0; n < 4; n++) a.next(n);
    expect(warnings).toEqual([expect.stringContaining('Stage "zip" is sent more than the 1 items')]);
    for (let n = 0; n < 2; n++) b.next(n);
    expect(probe.values).toEqual([
      [0, 0],
      [1, 1],
    ]);
    for (let n = 0; n < 3; n++) a.next(n);
    expect([probe.error instanceof OverflowError, b.observed]).toEqual([true, false]);
  });

  test('R-05: two subscriptions know nothing of each other, and one more is possible after the end', () => {
    const pairs = zip([1, 2], ['a', 'b']);
    const slow = new Probe<readonly [number, string]>();
    slow.close();
    slow.subscribe(pairs);
    const all = [
      [1, 'a'],
      [2, 'b'],
    ];
    expect(values(pairs)).toEqual(all);
    slow.open();
    expect([slow.values, slow.ended]).toEqual([all, 'completed']);
    expect(values(pairs)).toEqual(all);
  });

  test('falsy items', () => {
    const falsy = [undefined, null, 0, '', NaN, false];
    expect(values(zip(falsy, falsy))).toEqual(falsy.map((it) => [it, it]));
  });

  test('R-20: what the consumer sends to the sources comes after the row', () => {
    const [a, b] = [new Subject<number>(), new Subject<number>()];
    const probe = new Probe<readonly [number, number]>();
    probe.onNext = ([n]) => {
      if (n >= 3) return;
      a.next(n + 1);
      b.next(n + 1);
    };
    probe.subscribe(zip(a, b));
    a.next(0);
    b.next(0);
    expect(probe.values).toEqual([0, 1, 2, 3].map((n) => [n, n]));
    expect(probe.violations).toEqual([]);
    probe.unsubscribe();
  });

  test('R-21: a source ends, fails, or the flow is unsubscribed inside a row', () => {
    for (const how of ['complete', 'error', 'unsubscribe'] as const) {
      const [a, b] = [new Subject<number>(), new Subject<number>()];
      const probe = new Probe<readonly [number, number]>();
      probe.onNext = () => {
        if (how === 'unsubscribe') probe.unsubscribe();
        else a[how]('bad');
      };
      probe.subscribe(zip(a, b));
      b.next(0);
      a.next(0);
      const ended = { complete: 'completed', error: 'failed', unsubscribe: undefined }[how];
      expect([probe.values, probe.ended, b.observed]).toEqual([[[0, 0]], ended, false]);
    }
  });

  test('R-22, R-23: 100,000 rows; take stops the sources', () => {
    const sources = [new ProbeSource(naturals()), new ProbeSource(naturals())] as const;
    let seen = 0;
    zip(sources[0].items$, sources[1].items$)
      .pipe(take(100_000))
      .subscribe(() => seen++);
    expect(seen).toBe(100_000);
    for (const { produced } of sources) expect(produced).toBeLessThanOrEqual(100_001);
  });

  test('gives the rows that zip of RxJS gives, whatever the sources do', () => {
    const list = fc.record({ items: fc.array(fc.nat(9), { maxLength: 6 }), gap: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(list, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 3 }), (lists, capacity) => {
        const make = (): Observable<number>[] =>
          lists.map(({ items, gap }) =>
            fromIterable(items).pipe(concatMap((n) => (gap === 0 ? of(n) : of(n).pipe(delay(gap))))),
          );
        expect(rowsOf(zip(make(), { capacity }))).toBe(rowsOf(rxjsZip(make())));
      }),
      { numRuns: 1_000 },
    );
  });

  test('counts every item of each source; what is held of the others at the end is abandoned', () => {
    const flow = new TestFlow();
    const probe = new Probe<readonly [number, number]>(flow).subscribe(
      zip([fromIterable([1, 2, 3, 4]), fromIterable([1, 2])], { capacity: 2, name: 'pairs' }),
    );
    expect(probe.ended).toBe('completed');
    const counts = flow.nodes
      .filter(({ name }) => name === 'pairs')
      .map(({ telemetry }) => [telemetry.in, telemetry.completed, telemetry.out, telemetry.abandoned]);
    expect(counts).toEqual([
      [4, 2, 2, 2],
      [2, 2, 0, 0],
    ]);
    flow.check();
    expect(flow.live.size).toBe(0);
  });

  test.each([
    [['text'], 'sources[0]'],
    [[of(1), 5], 'sources[1]'],
    [[[of(1), of(2)]], 'sources[0]'],
    [[[of(1)], { capacity: 0 }], 'capacity'],
    [[[of(1)], { capacity: Infinity }], 'capacity'],
    [[[of(1)], { size: 1 }], 'options'],
  ])('refuses %o', (args, option) => {
    expect(thrownBy(() => (zip as (...all: unknown[]) => unknown)(...args))).toMatchObject({ option });
  });

  test('an error that is thrown while subscribing', () => {
    const probe = new Probe<unknown>().subscribe(
      zip(
        throwError(() => 'bad'),
        NEVER,
      ),
    );
    expect([probe.ended, probe.error]).toEqual(['failed', 'bad']);
  });

  test('types are those of the sources, in their order', () => {
    expectTypeOf(zip(of(1), ['a'], Promise.resolve(true))).toEqualTypeOf<Observable<[number, string, boolean]>>();
    expectTypeOf(zip([of(1), ['a']], { capacity: 2 })).toEqualTypeOf<Observable<[number, string]>>();
    expectTypeOf(from([1]).pipe((source) => zip(source, timer(1)))).toEqualTypeOf<Observable<[number, 0]>>();
  });
});
