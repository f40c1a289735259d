import {
  delay as later,
  map,
  NEVER,
  of,
  Subject,
  take,
  throwError,
  timer,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Result } from '../../src/core/options.ts';
import { latestMap } from '../../src/operators/latestMap.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { timeline } from './timeline.ts';

const slowly =
  (ms: number) =>
  (x: string): Observable<string> =>
    timer(ms).pipe(map(() => x));

/** Fails for b. */
const fail = (x: string): Observable<string> => (x === 'b' ? throwError(() => 'bad') : of(x).pipe(later(1)));

/** Never done. */
const save = (): Observable<never> => NEVER;

describe('latestMap', () => {
  test('does what the diagram in its comment says', () => {
    const dropped: string[] = [];
    const onDrop = (x: string): void => void dropped.push(x);
    marbles(({ cold, expectObservable }) => {
      const source = '  ab-c-----|';
      const expected = '----a---c|';
      expectObservable(cold(source).pipe(latestMap((x) => timer(4).pipe(map(() => x)), { onDrop }))).toBe(expected);
    });
    expect(dropped).toEqual(['b']);
  });

  test('many items that each end in time: every one is run', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a--b--c--|');
      const subs = '       ^--------!';
      expectObservable(source.pipe(latestMap(slowly(2)))).toBe('--a--b--c|');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-07: the source completes while one runs and one waits', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('abc|').pipe(latestMap(slowly(4)))).toBe('----a---(c|)');
    });
  });

  test('R-03, R-04: an empty source and one that says nothing', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('---|').pipe(latestMap(slowly(1)))).toBe('---|');
      expectObservable(NEVER.pipe(latestMap(slowly(1))), '---!').toBe('----');
    });
  });

  test('an error of the source passes at once and cancels what runs', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('-----r|');
      expectObservable(cold('a-#').pipe(latestMap(() => work))).toBe('--#');
      expectSubscriptions(work.subscriptions).toBe('^-!');
    });
  });

  test('an error of the work ends the flow, or is skipped, or is a result', () => {
    marbles(({ cold, expectObservable }) => {
      const source = 'a-b-c-|';
      expectObservable(cold(source).pipe(latestMap(fail))).toBe('-a#', undefined, 'bad');
      expectObservable(cold(source).pipe(latestMap(fail, { onError: 'skip' }))).toBe('-a---c|');
      expectObservable(cold(source).pipe(latestMap(fail, { onError: 'emit' }))).toBe('-ab--c|', {
        a: { ok: true, value: 'a' },
        b: { ok: false, error: 'bad', item: 'b' },
        c: { ok: true, value: 'c' },
      });
    });
  });

  test('an early unsubscribe cancels what runs, and begins nothing', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('   -----r|');
      const source = cold(' ab----');
      expectObservable(source.pipe(latestMap(() => work)), '---!').toBe('----');
      expectSubscriptions(work.subscriptions).toBe('^--!');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('G5: above a closed gate nothing is begun, and only the newest is run when it opens', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x----o');
      const source = cold('         abc---|');
      const expected = '            ------(c|)';
      expectObservable(source.pipe(latestMap(slowly(1)), demand)).toBe(expected);
    });
  });

  test('a result that is not wanted yet waits, with the newest item behind it', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('o-x---o---');
      const source = cold('         a-bcd----|');
      const expected = '            ------a-d|';
      expectObservable(source.pipe(latestMap(slowly(2)), demand)).toBe(expected);
    });
  });

  test('never two at once', () => {
    let running = 0;
    let most = 0;
    const work = (x: string): Observable<string> => {
      most = Math.max(most, ++running);
      return timer(3).pipe(map(() => (running--, x)));
    };
    const result = timeline(({ cold }) => cold('abcdefghi|').pipe(latestMap(work)));
    expect([most, result]).toEqual([1, '3:a 6:d 9:g 12:i 12:|']);
  });

  test('gives all values of an Observable, and holds it back at a closed gate', () => {
    let made = 0;
    const counting = (): Observable<number> =>
      fromIterable(function* () {
        for (;;) yield made++;
      }).pipe(take(50));
    const probe = new Probe<number>();
    probe.allow(2);
    probe.subscribe(of(1).pipe(latestMap(counting)));
    // One more waits in the stage, as in a pool.
    expect([probe.values, made]).toEqual([[0, 1], 3]);
    probe.unsubscribe();
  });

  test('R-20: what the consumer sends back comes after it', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n === 1) [2, 3].forEach((next) => source.next(next));
    };
    const dropped: number[] = [];
    probe.subscribe(source.pipe(latestMap((n: number) => n, { onDrop: (n) => dropped.push(n) })));
    source.next(1);
    expect([probe.values, dropped]).toEqual([[1, 3], [2]]);
    probe.unsubscribe();
  });

  test('what onDrop throws ends the flow', () => {
    const error = new Error('onDrop');
    const source = new Subject<number>();
    const probe = new Probe<number>();
    const onDrop = (): never => {
      throw error;
    };
    probe.subscribe(source.pipe(latestMap(() => NEVER, { onDrop })));
    [1, 2, 3].forEach((n) => source.next(n));
    expect([probe.ended, probe.error, source.observed]).toEqual(['failed', error, false]);
  });

  test('R-22: 100,000 items that finish at once, and as many that come while one runs', () => {
    const numbers = fromIterable(Array.from({ length: 100_000 }, (_, n) => n));
    let seen = 0;
    numbers.pipe(latestMap((n) => n)).subscribe(() => seen++);
    expect(seen).toBe(100_000);
    const go = new Subject<void>();
    const last: number[] = [];
    numbers
      .pipe(
        latestMap((n) =>
          n === 0
            ? go.pipe(
                map(() => n),
                take(1),
              )
            : n,
        ),
      )
      .subscribe((n) => last.push(n));
    go.next();
    expect(last).toEqual([0, 99_999]);
  });

  test('the index is that of the input, also where items are given up', () => {
    const seen: [string, number][] = [];
    const source = new Subject<string>();
    const end = new Subject<void>();
    const work = latestMap((item: string, { index }) => {
      seen.push([item, index]);
      return end.pipe(take(1));
    });
    const probe = new Probe<void>().subscribe(source.pipe(work));
    for (const item of 'abcd') source.next(item);
    end.next();
    for (const item of 'ef') source.next(item);
    end.next();
    probe.unsubscribe();
    expect(seen).toEqual([
      ['a', 0],
      ['d', 3],
      ['f', 5],
    ]);
  });

  test('counts what it gives up; holds two at most', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const probe = new Probe<number>(flow);
    probe.subscribe(source.pipe(latestMap(save)));
    for (let n = 0; n < 9; n++) source.next(n);
    const node = flow.node('save');
    expect([node.held, node.telemetry.dropped, node.telemetry.peak]).toEqual([2, 7, 2]);
    probe.unsubscribe();
    flow.check();
  });
});

describe('the types of latestMap', () => {
  test('are what the function gives', () => {
    expectTypeOf(of(1).pipe(latestMap((n) => String(n)))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(of(1).pipe(latestMap(async (n) => n > 0))).toEqualTypeOf<Observable<boolean>>();
    expectTypeOf(latestMap((n: number) => of(String(n)), { onError: 'emit' })).toEqualTypeOf<
      OperatorFunction<number, Result<string, number>>
    >();
    expectTypeOf(() => {
      // @ts-expect-error -- there is no concurrency
      latestMap((n: number) => n, { concurrency: 2 });
    }).toBeFunction();
  });
});
