import { catchError, concat, defer, from, NEVER, Observable, of, retry, share, Subject, take, timer } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { RecentDurations } from '../../src/operators/hedge/RecentDurations.ts';
import { hedge, type HedgeOptions } from '../../src/operators/hedge.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { backoff } from '../../src/sync/backoff.ts';
import { Budget } from '../../src/sync/Budget.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { thrownBy } from './badOptions.ts';

afterEach(() => vi.useRealTimers());

type Made = ReturnType<RunHelpers['cold']>;

/** A source whose first subscription gets the first of these, and so on. */
function attempts(...made: readonly Made[]): Observable<string> {
  let next = 0;
  return defer(() => made[next++] as unknown as Observable<string>);
}

describe('hedge', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' ---------a|');
      const second = cold('--b|');
      const expected = '   ------b|';
      expectObservable(attempts(first, second).pipe(hedge({ after: 4 }))).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe(' ^-----!');
      expectSubscriptions(second.subscriptions).toBe('----^--!');
    });
  });

  test('an answer in time is asked for once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('---a-b-|');
      expectObservable(source.pipe(hedge({ after: 4 }))).toBe('---a-b-|');
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test('the first attempt wins if it answers before the second', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' -----a--b|');
      const second = cold('----x|');
      expectObservable(attempts(first, second).pipe(hedge({ after: 4 }))).toBe('-----a--b|');
      expectSubscriptions(second.subscriptions).toBe('----^!');
    });
  });

  test.each(['1', ''])('a loser whose teardown fails is reported late, and the answer (%j) is there', (values) => {
    vi.useFakeTimers();
    const late = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    let subscriptions = 0;
    const source = new Observable<string>((subscriber) => {
      if (subscriptions++ > 0) return void from(values).subscribe(subscriber);
      return () => {
        throw new Error('teardown');
      };
    });
    const probe = new Probe<string>().subscribe(source.pipe(hedge({ after: 5 })));
    vi.advanceTimersByTime(5);
    expect([probe.values, probe.ended]).toEqual([[...values], 'completed']);
    expect(late).toHaveBeenCalledTimes(1);
    late.mockRestore();
  });

  test('a later attempt that is shared finds the gate below', () => {
    vi.useFakeTimers();
    const source = new ProbeSource(Array.from({ length: 1_000 }, (_, i) => i));
    const shared = source.items$.pipe(share());
    let attempt = 0;
    const flow$ = defer(() => (attempt++ === 0 ? NEVER : shared));
    const stuck = workerPool(() => NEVER, { capacity: 1 });
    const subscription = flow$.pipe(hedge({ after: 5 }), stuck).subscribe();
    vi.advanceTimersByTime(5);
    expect(source.produced).toBe(2);
    subscription.unsubscribe();
  });

  test('many values: those of the winner only', () => {
    marbles(({ cold, expectObservable }) => {
      const first = cold(' -------abc');
      const second = cold('-x-y-z|');
      expectObservable(attempts(first, second).pipe(hedge({ after: 3 }))).toBe('----x-y-z|');
    });
  });

  test('R-03: an attempt that completes without a value has answered', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' -----');
      const second = cold('-|');
      expectObservable(cold('|').pipe(hedge({ after: 2 }))).toBe('|');
      expectObservable(attempts(first, second).pipe(hedge({ after: 2 }))).toBe('---|');
      expectSubscriptions(first.subscriptions).toBe('^--!');
    });
  });

  test('R-04, R-42: unsubscribing ends all attempts and the timer', () => {
    vi.useFakeTimers();
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(source.pipe(hedge({ after: 10, max: 3 })));
    vi.advanceTimersByTime(10);
    expect([vi.getTimerCount(), source.observed]).toEqual([1, true]);
    probe.unsubscribe();
    expect([vi.getTimerCount(), source.observed]).toEqual([0, false]);
  });

  test('R-05: each subscription is a call of its own', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('-----a|');
      const call = source.pipe(hedge({ after: 2 }));
      expectObservable(call).toBe('       -----a|');
      expectObservable(call, '---^').toBe('--------a|');
    });
  });

  test('max: each further attempt begins after the same time, up to so many in all', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('------------|');
      expectObservable(source.pipe(hedge({ after: 3, max: 3 }))).toBe('------------|');
      expectSubscriptions(source.subscriptions).toBe(['^-----------!', '---^--------!', '------^-----!']);
    });
  });

  test('max of 1 never asks again', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-----a|');
      expectObservable(source.pipe(hedge({ after: 2, max: 1 }))).toBe('-----a|');
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  test('R-43: the losers are over before the value is delivered', () => {
    vi.useFakeTimers();
    const log: string[] = [];
    let n = 0;
    const source = new Observable<string>((subscriber) => {
      const name = `attempt ${++n}`;
      const answer = timer(n === 3 ? 1 : 100).subscribe(() => subscriber.next(name));
      return () => {
        answer.unsubscribe();
        log.push(`${name} ends`);
      };
    });
    source.pipe(hedge({ after: 10, max: 3 }), take(1)).subscribe((it) => log.push(`${it} is delivered`));
    vi.advanceTimersByTime(1000);
    expect(log).toEqual(['attempt 1 ends', 'attempt 2 ends', 'attempt 3 is delivered', 'attempt 3 ends']);
  });

  test('a second attempt that answers while it is being subscribed wins', () => {
    vi.useFakeTimers();
    let n = 0;
    const probe = new Probe<string>();
    probe.subscribe(defer(() => (++n === 1 ? NEVER : of('second'))).pipe(hedge({ after: 10 })));
    vi.advanceTimersByTime(10);
    expect([probe.values, probe.ended, vi.getTimerCount()]).toEqual([['second'], 'completed', 0]);
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const firehose = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(made++);
    });
    const seen: number[] = [];
    firehose.pipe(hedge({ after: 1 }), take(3)).subscribe((n) => seen.push(n));
    expect([seen, made]).toEqual([[0, 1, 2], 3]);
  });

  test('R-22: 50,000 calls that answer at once leave nothing on the stack', () => {
    const probe = new Probe<number>();
    const hedged = hedge<number>({ after: 1000 });
    const numbers = Array.from({ length: 50_000 }, (_, i) => i);
    probe.subscribe(fromIterable(numbers).pipe(workerPool((n: number) => of(n).pipe(hedged), { concurrency: 2 })));
    expect([probe.values.length, probe.ended]).toEqual([50_000, 'completed']);
  });

  test('R-21: unsubscribed from within the value, it ends all', () => {
    vi.useFakeTimers();
    const source = new ProbeSource([1, 2, 3]);
    const probe = new Probe<number>();
    probe.onNext = () => probe.unsubscribe();
    probe.subscribe(source.items$.pipe(hedge({ after: 5 })));
    expect([probe.values, source.isSubscribed, vi.getTimerCount()]).toEqual([[1], false, 0]);
  });
});

describe('errors', () => {
  test('G6: an attempt that fails alone fails the call at once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--#');
      expectObservable(source.pipe(hedge({ after: 4 }))).toBe('--#');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('while others run, one that fails changes nothing', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(attempts(cold('-----#'), cold('----b|')).pipe(hedge({ after: 3 }))).toBe('-------b|');
      expectObservable(attempts(cold('-------a|'), cold('-#')).pipe(hedge({ after: 3 }))).toBe('-------a|');
    });
  });

  test('when all have failed, it fails with the error of the last', () => {
    marbles(({ cold, expectObservable }) => {
      const [first, second] = [cold('-----#', {}, 'early'), cold('----#', {}, 'late')];
      expectObservable(attempts(first, second).pipe(hedge({ after: 3 }))).toBe('-------#', {}, 'late');
    });
  });

  test('an attempt that is not due yet does not begin when all others have failed', () => {
    marbles(({ cold, expectObservable }) => {
      const all = attempts(cold('----#'), cold('-#'), cold('a'));
      expectObservable(all.pipe(hedge({ after: 3, max: 3 }))).toBe('----#');
    });
  });

  test('an error of the winner passes at once, whatever else there would have been', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(attempts(cold('------a'), cold('-b-#')).pipe(hedge({ after: 3 }))).toBe('----b-#');
    });
  });

  test('G6: errors pass a closed gate', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('--#').pipe(hedge({ after: 1 }), gated('x'))).toBe('--#');
    });
  });
});

describe('above a closed gate', () => {
  test('nothing is late: no further attempt begins until the gate has been open for the whole time', () => {
    marbles(({ gated, expectObservable }) => {
      const sources: ProbeSource<string>[] = [];
      const source = defer(() => {
        sources.push(new ProbeSource([], false));
        return sources.at(-1)!.items$;
      });
      expectObservable(source.pipe(hedge({ after: 3 }), gated('x-----o'))).toBe('--------');
      timer(8).subscribe(() => expect(sources.length).toBe(1));
      timer(10).subscribe(() => expect(sources.length).toBe(2));
    });
  });

  test('demand passes through: held back, a source makes nothing, and is not asked again', () => {
    marbles(({ gated, expectObservable, expectGate }) => {
      const source = new ProbeSource(['a', 'b']);
      const demand = '  x------o';
      const expected = '-------(ab|)';
      expectObservable(source.items$.pipe(hedge({ after: 2 }), gated(demand))).toBe(expected);
      expectGate(source).toBe('x');
      timer(9).subscribe(() => expect(source.subscriptions).toBe(1));
    });
  });

  test('waiting there it counts as nobody that could be paused, and leaves when it is unsubscribed', () => {
    vi.useFakeTimers();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(NEVER.pipe(hedge({ after: 5 })));
    vi.advanceTimersByTime(5);
    expect([probe.gate.waiting, probe.gate.attached]).toEqual([1, 1]);
    probe.unsubscribe();
    expect([probe.gate.waiting, probe.gate.attached]).toEqual([0, 0]);
  });

  test('also where it has been opened, and closed again', () => {
    vi.useFakeTimers();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(NEVER.pipe(share(), hedge({ after: 5 })));
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(5);
      probe.open();
      expect([probe.gate.waiting, probe.gate.attached, vi.getTimerCount()]).toEqual([0, 0, 1]);
      probe.close();
    }
    probe.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('budget', () => {
  test('caps further attempts at a share of the calls', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const budget = new Budget({ ratio: 0.25, burst: 1, perSecond: 0 });
      const source = cold('--a|');
      const hedged = source.pipe(hedge({ after: 1, budget }));
      for (let i = 0; i < 8; i++) timer(i * 10).subscribe(() => hedged.subscribe());
      timer(99).subscribe(() => expect(source.subscriptions.length).toBe(8 + 1 + 1));
      expectSubscriptions(cold('|').subscriptions).toBe([]);
    });
  });

  test('shared with a retry: what the retry has spent, the next hedge goes without', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const budget = new Budget({ burst: 1, perSecond: 0 });
      const again = retry<string>({ count: 1, delay: backoff({ initial: 1, jitter: 'none', budget }) });
      const first = cold(' -#');
      const second = cold('  -----a|');
      const third = cold('     b|');
      const expected = '   -------a|';
      expectObservable(attempts(first, second, third).pipe(hedge({ after: 2, budget }), again)).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe(' ^!');
      expectSubscriptions(second.subscriptions).toBe('--^-----!');
      expectSubscriptions(third.subscriptions).toBe([]);
    });
  });

  test('shared with a retry: what a hedge has spent, the retry goes without, and the call fails at once', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const budget = new Budget({ burst: 1, perSecond: 0 });
      const again = retry<string>({ count: 1, delay: backoff({ initial: 1, jitter: 'none', budget }) });
      const first = cold(' -----#', {}, 'early');
      const second = cold('  ----#', {}, 'late');
      const third = cold('        b|');
      const expected = '   ------#';
      expectObservable(attempts(first, second, third).pipe(hedge({ after: 2, budget }), again)).toBe(
        expected,
        {},
        'late',
      );
      expectSubscriptions(first.subscriptions).toBe(' ^----!');
      expectSubscriptions(second.subscriptions).toBe('--^---!');
      expectSubscriptions(third.subscriptions).toBe([]);
    });
  });

  test('by default it has one of its own, of a tenth of the calls and ten at once', () => {
    vi.useFakeTimers();
    let begun = 0;
    const slow = defer(() => (begun++, NEVER)).pipe(hedge({ after: 1 }));
    const slowCalls = Array.from({ length: 30 }, () => slow.subscribe());
    vi.advanceTimersByTime(1);
    expect(begun).toBe(30 + 10);
    for (const call of slowCalls) call.unsubscribe();
  });
});

/** Calls that take so many milliseconds, one after the other; how many attempts each had. */
function calls(after: HedgeOptions['after'], durations: readonly number[]): number[] {
  vi.useFakeTimers();
  const begun: number[] = [];
  const hedged = hedge<0>({ after, budget: new Budget({ ratio: 1, burst: 1000 }) });
  for (const duration of durations) {
    let n = 0;
    // A second attempt is fast.
    defer(() => timer(n++ === 0 ? duration : 1))
      .pipe(hedged)
      .subscribe();
    vi.advanceTimersByTime(1000);
    begun.push(n);
  }
  return begun;
}

const fill = (count: number, ms: number): number[] => new Array<number>(count).fill(ms);

describe('a quantile', () => {
  test('is not known before 20 answers have come: until then nothing is asked twice', () => {
    expect(calls('p95', [...fill(19, 10), 500])).toEqual(fill(20, 1));
  });

  test('of the latest answers says what is late', () => {
    const begun = calls('p95', [...fill(20, 10), 500, 10, 15]);
    expect(begun.slice(20)).toEqual([2, 1, 2]);
  });

  test('may be any', () => {
    expect(calls({ quantile: 0.5 }, [...fill(15, 10), ...fill(5, 100), 100]).at(-1)).toBe(2);
    expect(calls({ quantile: 0.9 }, [...fill(15, 10), ...fill(5, 100), 100]).at(-1)).toBe(1);
  });

  test('does not fall because the slow ones lose: one call in ten is late, however many there are', () => {
    const durations = Array.from({ length: 2000 }, (_, i) => (i % 10 === 9 ? 500 : 10));
    const begun = calls({ quantile: 0.85 }, durations).slice(100);
    const twice = begun.filter((n) => n === 2).length;
    expect(twice / begun.length).toBeCloseTo(0.1, 2);
  });

  test('is that of the latest 500 to 1,000: what was long ago does not count', () => {
    const recent = new RecentDurations(0.95);
    for (let i = 0; i < 5000; i++) recent.record(1000);
    expect(recent.value).toBeGreaterThanOrEqual(1000);
    for (let i = 0; i < 1020; i++) recent.record(10);
    expect(recent.value).toBeGreaterThanOrEqual(10);
    expect(recent.value).toBeLessThan(12);
  });

  test('a time for which the gate below was closed does not count', () => {
    vi.useFakeTimers();
    const hedged = hedge<number>({ after: 'p95' });
    for (let i = 0; i < 20; i++) {
      const probe = new Probe<number>();
      probe.subscribe(timer(10).pipe(hedged));
      vi.advanceTimersByTime(10);
    }
    const probe = new Probe<number>();
    probe.close();
    const source = new ProbeSource([1]);
    probe.subscribe(source.items$.pipe(hedged));
    vi.advanceTimersByTime(5000);
    probe.open();
    expect([probe.values, source.subscriptions]).toEqual([[1], 1]);
  });
});

describe('bad input of hedge', () => {
  test.each([
    [undefined, 'TypeError', 'after'],
    ['p99', 'TypeError', 'after'],
    [{ quantile: 1 }, 'RangeError', 'after.quantile'],
    [-1, 'RangeError', 'after'],
  ])('after: %j is refused', (after, name, option) => {
    expect(thrownBy(() => hedge({ after: after as never }))).toMatchObject({ name, option });
  });
});

describe('the types of hedge', () => {
  test('leave the values as they are', () => {
    expectTypeOf(of(1).pipe(hedge({ after: 5 }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(
      concat(of('a')).pipe(
        hedge({ after: 'p95' }),
        catchError(() => of(1)),
      ),
    ).toEqualTypeOf<Observable<string | number>>();
    // @ts-expect-error -- after is needed
    expectTypeOf(() => hedge({ max: 2 })).toBeFunction();
  });
});
