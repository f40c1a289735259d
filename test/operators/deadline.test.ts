import { NEVER, Observable, of, retry, Subject, take, timer, type MonoTypeOperatorFunction } from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { deadline } from '../../src/operators/deadline.ts';
import { DeadlineExceededError } from '../../src/operators/DeadlineExceededError.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { thrownBy } from './badOptions.ts';
import { timeline } from './timeline.ts';

const LATE = new DeadlineExceededError('deadline', 5);

describe('deadline', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b-c-d-|');
      const subs = '       ^----!   ';
      const expected = '   a-b-c#   ';
      expectObservable(source.pipe(deadline(5))).toBe(expected, undefined, LATE);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('a teardown above it that fails is reported late, and the end is there', () => {
    const late = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const ended: string[] = [];
    marbles(() => {
      const source = new Observable<never>(() => () => {
        throw new Error('teardown');
      });
      source.pipe(deadline(5)).subscribe({ error: (error: Error) => ended.push(error.name) });
    });
    expect([ended, late.mock.calls.length]).toEqual([['DeadlineExceededError'], 1]);
    late.mockRestore();
  });

  test('many items, the end and an error in time pass as they are', () => {
    marbles(({ cold, expectObservable }) => {
      for (const source of ['a-b-|', '(abc|)', '|', '---#']) {
        expectObservable(cold(source).pipe(deadline(5))).toBe(source);
      }
    });
  });

  test('R-04: a source that says nothing, and an early unsubscribe', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(deadline(5))).toBe('-----#', undefined, LATE);
      expectObservable(NEVER.pipe(deadline(5)), '---!').toBe('----');
    });
  });

  test('R-15: the error passes a closed gate, and the time in which that is closed counts', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('a-b').pipe(deadline(5), gated('o-x'))).toBe('a-b--#', undefined, LATE);
    });
  });

  test('every subscription has the whole time: retry above and below', () => {
    marbles(({ expectObservable }) => {
      const silent: Observable<string> = NEVER;
      expectObservable(silent.pipe(deadline(5), retry(2))).toBe('---------------#', undefined, LATE);
      expectObservable(silent.pipe(deadline(2), retry(), deadline(5))).toBe('-----#', undefined, LATE);
    });
  });

  test('R-30: the source is unsubscribed before the error is delivered', () => {
    const seen: boolean[] = [];
    const source = new Subject<string>();
    timeline(() => {
      source.pipe(deadline(5)).subscribe({ error: () => seen.push(source.observed) });
      return of();
    });
    expect(seen).toEqual([false]);
  });

  test('the gate below reaches through', () => {
    const source = new ProbeSource([1, 2, 3]);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.items$.pipe(deadline(1000)));
    expect(source.produced).toBe(0);
    probe.allow(2);
    expect([probe.values, source.produced]).toEqual([[1, 2], 2]);
    probe.unsubscribe();
  });

  test('R-42: leaves no timer behind, however it ends', () => {
    vi.useFakeTimers();
    try {
      for (const how of ['complete', 'error', 'unsubscribe'] as const) {
        const source = new Subject<number>();
        const probe = new Probe<number>().subscribe(source.pipe(deadline(1000)));
        expect(vi.getTimerCount()).toBe(1);
        if (how === 'unsubscribe') probe.unsubscribe();
        else source[how]('bad');
        expect(vi.getTimerCount()).toBe(0);
      }
      const probe = new Probe<number>().subscribe(of(1).pipe(deadline(1000)));
      expect([probe.ended, vi.getTimerCount()]).toEqual(['completed', 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('R-23, R-22: a synchronous source stops with take, at 100,000 items', () => {
    let made = 0;
    fromIterable(function* () {
      for (;;) yield made++;
    })
      .pipe(deadline(100_000), take(100_000))
      .subscribe();
    expect(made).toBe(100_000);
  });

  test('an error that comes at the same frame is only one', () => {
    expect(timeline(() => timer(5).pipe(deadline(5)))).toBe('5:#DeadlineExceededError');
  });

  test('the error says what to know', () => {
    expect(LATE).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED', stage: 'deadline', deadline: 5 });
    expect(LATE.message).toContain('Stage "deadline" has not completed within 5 ms');
  });

  test.each([
    [['1s'], 'ms', TypeError],
    [[NaN], 'ms', RangeError],
    [[2 ** 31], 'ms', RangeError],
    [[1, { name: '' }], 'name', TypeError],
  ])('refuses %o', (args, option, type) => {
    const error = thrownBy(() => (deadline as (...all: unknown[]) => unknown)(...args));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });

  test('types', () => {
    expectTypeOf(of(1).pipe(deadline(1))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(deadline<string>(1)).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
  });
});
