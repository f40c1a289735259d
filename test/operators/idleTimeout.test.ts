import { merge, NEVER, Observable, of, retry, Subject, take, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { idleTimeout } from '../../src/operators/idleTimeout.ts';
import { IdleTimeoutError } from '../../src/operators/IdleTimeoutError.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';
import { timeline } from './timeline.ts';

beforeEach(() => {
  // Some of these sources cannot be paused.
  vi.spyOn(hooks, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const IDLE = new IdleTimeoutError('idleTimeout', 4);

describe('idleTimeout', () => {
  test('a teardown above it that fails is reported late, and the end is there', () => {
    const late = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const ended: string[] = [];
    marbles(() => {
      const source = new Observable<never>(() => () => {
        throw new Error('teardown');
      });
      const observer = { error: (error: Error) => ended.push(error.name), complete: () => ended.push('completed') };
      source.pipe(idleTimeout(5)).subscribe(observer);
      source.pipe(idleTimeout(5, { onIdle: 'complete' })).subscribe(observer);
    });
    expect([ended, late.mock.calls.length]).toEqual([['IdleTimeoutError', 'completed'], 2]);
    late.mockRestore();
  });

  test('does what the first diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b------c');
      const subs = '       ^-----!   ';
      const expected = '   a-b---#   ';
      expectObservable(source.pipe(idleTimeout(4))).toBe(expected, undefined, IDLE);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('does what the second says: for as long as the gate below is closed no time counts', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('o--x---o----  ');
      const source = cold('         a-b------c    ');
      const expected = '            a-b------c---#';
      expectObservable(source.pipe(idleTimeout(4), demand)).toBe(expected, undefined, IDLE);
    });
  });

  test('many items in time, and the end', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  -a--b-(cd)---|';
      expectObservable(cold(source).pipe(idleTimeout(9))).toBe(source);
    });
  });

  test('R-03: an empty source completes; R-04: one that says nothing fails after that time', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('---|').pipe(idleTimeout(4))).toBe('---|');
      expectObservable(NEVER.pipe(idleTimeout(4))).toBe('----#', undefined, IDLE);
      expectObservable(NEVER.pipe(idleTimeout(4)), '---!').toBe('----');
    });
  });

  test('an error of the source passes a closed gate at once', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('ab-#').pipe(idleTimeout(2), gated('x'))).toBe('---#');
    });
  });

  test('a gate that is closed from the beginning: time begins when it opens', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = gated<string>('x-----o---');
      const expected = '            ----------#';
      expectObservable((NEVER as Observable<string>).pipe(idleTimeout(4), demand)).toBe(expected, undefined, IDLE);
    });
  });

  test('an item that waits for the gate below: time begins anew when that takes it', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x-----o------');
      const source = cold('         -a----------');
      const expected = '            ------a---#';
      expectObservable(source.pipe(idleTimeout(4), demand)).toBe(expected, undefined, IDLE);
    });
  });

  test('a pool that is slow holds its source back, which is not silence', () => {
    const source = fromIterable(['a', 'b', 'c']);
    const result = timeline(() =>
      source.pipe(
        idleTimeout(10),
        workerPool(() => timer(50), { capacity: 0 }),
      ),
    );
    expect(result).toBe('50:0 100:0 150:0 150:|');
  });

  test('somebody else closes the gate: time begins anew when it opens', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('o-x-------o------');
      const source = cold('         a----------------');
      const expected = '            a-------------#';
      expectObservable(merge(source.pipe(idleTimeout(4))).pipe(demand)).toBe(expected, undefined, IDLE);
    });
  });

  test("onIdle: 'complete' ends the flow well, and unsubscribes the source", () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b------c');
      expectObservable(source.pipe(idleTimeout(4, { onIdle: 'complete' }))).toBe('a-b---|');
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    });
  });

  test('every subscription counts for itself: retry tries again', () => {
    marbles(({ expectObservable }) => {
      const silent: Observable<string> = NEVER;
      expectObservable(silent.pipe(idleTimeout(4), retry(2))).toBe('------------#', undefined, IDLE);
    });
  });

  test('of 0 ms: fails as soon as nothing comes at once', () => {
    marbles(({ cold, expectObservable }) => {
      const zero = new IdleTimeoutError('idleTimeout', 0);
      expectObservable(of('a').pipe(idleTimeout(0))).toBe('(a|)');
      expectObservable(cold('---a').pipe(idleTimeout(0))).toBe('#', undefined, zero);
    });
  });

  test('R-42: leaves no timer behind, however it ends', () => {
    vi.useFakeTimers();
    try {
      for (const how of ['complete', 'error', 'unsubscribe'] as const) {
        const source = new Subject<number>();
        const probe = new Probe<number>().subscribe(source.pipe(idleTimeout(1000)));
        source.next(1);
        expect(vi.getTimerCount()).toBe(1);
        if (how === 'unsubscribe') probe.unsubscribe();
        else source[how]('bad');
        expect(vi.getTimerCount()).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test('no timer runs while the gate below is closed', () => {
    vi.useFakeTimers();
    try {
      const source = new Subject<number>();
      const probe = new Probe<number>();
      probe.allow(1);
      probe.subscribe(source.pipe(idleTimeout(1000)));
      source.next(1);
      expect([probe.values, vi.getTimerCount()]).toEqual([[1], 0]);
      probe.allow(1);
      expect(vi.getTimerCount()).toBe(1);
      probe.unsubscribe();
    } finally {
      vi.useRealTimers();
    }
  });

  test('an item costs no timer: one serves many', () => {
    vi.useFakeTimers();
    try {
      const source = new Subject<number>();
      const probe = new Probe<number>().subscribe(source.pipe(idleTimeout(1000)));
      const started = vi.spyOn(globalThis, 'setInterval');
      for (let n = 0; n < 100; n++) source.next(n);
      expect(started).not.toHaveBeenCalled();
      probe.unsubscribe();
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  test('R-23: a synchronous source stops with take; R-22: 100,000 items', () => {
    let made = 0;
    fromIterable(function* () {
      for (;;) yield made++;
    })
      .pipe(idleTimeout(1000), take(100_000))
      .subscribe();
    expect(made).toBe(100_000);
  });

  test('R-20: what the consumer sends back', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.onNext = (n) => n < 3 && source.next(n + 1);
    probe.subscribe(source.pipe(idleTimeout(1000)));
    source.next(1);
    expect(probe.values).toEqual([1, 2, 3]);
    probe.unsubscribe();
  });

  test('G1: holds one item, and its source back', () => {
    const source = new ProbeSource([1, 2, 3]);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.items$.pipe(idleTimeout(1000)));
    expect(source.produced).toBe(1);
    probe.open();
    expect([probe.values, probe.ended, source.producedWhileClosed]).toEqual([[1, 2, 3], 'completed', 0]);
  });

  test('the error says what to know', () => {
    const flow = new TestFlow();
    let error: unknown;
    timeline(() =>
      NEVER.pipe(idleTimeout(7, { name: 'prices' }), new Probe<never>(flow).operator(), (source) => {
        source.subscribe({ error: (e: unknown) => (error = e) });
        return of();
      }),
    );
    expect(error).toMatchObject({ code: 'ERR_IDLE_TIMEOUT', stage: 'prices', timeout: 7, name: 'IdleTimeoutError' });
    expect((error as Error).message).toContain('Stage "prices" got nothing for 7 ms');
    flow.check();
  });

  test.each([
    [['1s'], 'ms', TypeError],
    [[-1], 'ms', RangeError],
    [[2 ** 31], 'ms', RangeError],
    [[1, { onIdle: 'stop' }], 'onIdle', TypeError],
  ])('refuses %o', (args, option, type) => {
    const error = thrownBy(() => (idleTimeout as (...all: unknown[]) => unknown)(...args));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });

  test('types', () => {
    expectTypeOf(of(1).pipe(idleTimeout(1))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(idleTimeout<string>(1, { onIdle: 'complete' })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
  });
});
