import fc from 'fast-check';
import { defer, of, retry, throwError, type Observable } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { backoff, type Backoff } from '../../src/sync/backoff.ts';
import { Budget } from '../../src/sync/Budget.ts';
import { CircuitOpenError } from '../../src/sync/CircuitOpenError.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { thrownBy } from '../operators/badOptions.ts';

afterEach(() => vi.useRealTimers());

/** The same numbers each time, from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What an answer of a server says, in milliseconds. */
const headerOf = (error: unknown): number =>
  Number((error as { headers: Record<string, string> }).headers['retry-after']) * 1000;

const failing = (): never => {
  throw new Error('own');
};

const first = (delays: Backoff, count: number): number[] =>
  Array.from({ length: count }, (_, i) => delays.delayOf(i + 1));

describe('backoff', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#       ');
      const expected = '   ---------#';
      const tries = ['     ^!', '   ---^!', '   --------^!'];
      const delay = backoff({ initial: 2, jitter: 'none' });
      expectObservable(source.pipe(retry({ count: 2, delay }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(tries);
    });
  });

  test('unsubscribing while a retry waits stops its timer', () => {
    vi.useFakeTimers();
    const flow = throwError(() => 'fails').pipe(retry({ delay: backoff({ jitter: 'none' }) }));
    const subscription = flow.subscribe();
    expect(vi.getTimerCount()).toBe(1);
    subscription.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('R-22: 10,000 retries of a source that fails at once do not grow the stack', () => {
    vi.useFakeTimers();
    let tries = 0;
    let value: unknown;
    defer(() => (++tries <= 10_000 ? throwError(() => 'fails') : of('done')))
      .pipe(retry({ delay: backoff({ initial: 0 }) }))
      .subscribe((it) => (value = it));
    vi.advanceTimersByTime(20_000);
    expect([tries, value]).toEqual([10_001, 'done']);
  });

  test('serves any number of flows at once: each has its own count', () => {
    marbles(({ cold, expectObservable }) => {
      const delay = backoff({ initial: 2, jitter: 'none' });
      const flow = cold('#').pipe(retry({ count: 3, delay }));
      expectObservable(flow, '     ^').toBe('     --------------#');
      expectObservable(flow, '     ---^').toBe('     -----------------#');
    });
  });
});

describe('the delays', () => {
  test("'none' doubles up to max", () => {
    const delays = backoff({ initial: 100, max: 1000, jitter: 'none' });
    expect(first(delays, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  test('factor multiplies; 1 keeps them equal', () => {
    expect(first(backoff({ initial: 5, factor: 3, jitter: 'none' }), 4)).toEqual([5, 15, 45, 135]);
    expect(first(backoff({ initial: 5, factor: 1, jitter: 'none' }), 3)).toEqual([5, 5, 5]);
  });

  test('stay within max whatever the attempt, also where initial is 0', () => {
    const last = Number.MAX_SAFE_INTEGER;
    expect(backoff({ jitter: 'none' }).delayOf(last)).toBe(30_000);
    expect(backoff({ initial: 0, jitter: 'none' }).delayOf(last)).toBe(0);
    expect(backoff({ factor: Number.MAX_VALUE, jitter: 'equal', random: () => 1 }).delayOf(last)).toBe(30_000);
    expect(backoff({ jitter: 'decorrelated', random: () => 1 }).delayOf(last)).toBe(30_000);
  });

  test("'full' is anything up to the delay, 'equal' at least half of it", () => {
    for (const [random, full, equal] of [
      [0, 0, 200],
      [0.5, 200, 300],
      [1, 400, 400],
    ] as const) {
      expect(backoff({ random: () => random }).delayOf(3)).toBe(full);
      expect(backoff({ random: () => random, jitter: 'equal' }).delayOf(3)).toBe(equal);
    }
  });

  test("'decorrelated' is AWS' sleep = min(cap, random(base, sleep × 3)), and begins anew with 1", () => {
    const delays = backoff({ initial: 100, max: 2000, jitter: 'decorrelated', random: seeded(7) });
    const random = seeded(7);
    for (let sequence = 0; sequence < 3; sequence++) {
      let sleep = 100;
      for (let attempt = 1; attempt <= 100; attempt++) {
        sleep = Math.min(2000, 100 + random() * (sleep * 3 - 100));
        expect(delays.delayOf(attempt)).toBe(sleep);
      }
    }
  });

  test("'decorrelated' serves several sequences at once, and one that begins in the middle", () => {
    const delays = backoff({ initial: 1, max: 1e6, jitter: 'decorrelated', random: () => 1 });
    expect(delays.delayOf(3)).toBe(27);
    expect([1, 1, 2, 1, 2, 3].map((attempt) => delays.delayOf(attempt))).toEqual([3, 3, 9, 3, 9, 27]);
  });

  test('are between 0 and max for all options, and numbers', () => {
    const options = fc.record({
      initial: fc.double({ min: 0, max: 2 ** 31 - 1, noNaN: true }),
      factor: fc.double({ min: 1, max: 1e300, noNaN: true }),
      jitter: fc.constantFrom('none', 'full', 'equal', 'decorrelated'),
    });
    fc.assert(
      fc.property(options, fc.array(fc.integer({ min: 1, max: 2 ** 53 - 1 })), fc.nat(), (given, attempts, seed) => {
        const max = Math.max(given.initial, 30_000);
        const delays = backoff({ ...given, random: seeded(seed) });
        for (const attempt of attempts) {
          const delay = delays.delayOf(attempt);
          expect(delay >= 0 && delay <= max).toBe(true);
          if (given.jitter === 'decorrelated') expect(delay).toBeGreaterThanOrEqual(given.initial);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each([-0.1, 1.1, NaN, Infinity])('random that gives %s is an error that says so', (value) => {
    expect(thrownBy(() => backoff({ random: () => value }).delayOf(1))).toMatchObject({
      name: 'RangeError',
      option: 'random',
      message: `backoff(): "random" must be a function that gives numbers from 0 to 1. Received ${value} (number)`,
    });
  });

  test.each([0, -1, 1.5, NaN, undefined, '1'])('delayOf(%s) is refused: attempts count from 1', (attempt) => {
    expect(thrownBy(() => backoff().delayOf(attempt as number))).toMatchObject({ option: 'attempt' });
  });
});

describe('retryAfter', () => {
  const soon = { initial: 2, jitter: 'none', max: 50 } as const;

  test('a server that asks for more time is left alone for so long', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('#', {}, { headers: { 'retry-after': '0.005' } });
      expectObservable(source.pipe(retry({ count: 1, delay: backoff({ ...soon, retryAfter: headerOf }) }))).toBe(
        '-----#',
        {},
        { headers: { 'retry-after': '0.005' } },
      );
    });
  });

  test.each([
    ['less than the delay', 1, 2],
    ['nothing', undefined, 2],
    ['a time in the past', -1000, 2],
    ['more than max', 1e9, 50],
    ['for ever', Infinity, 50],
  ])('asked for %s, it waits as it should', (_, asked, waited) => {
    vi.useFakeTimers();
    let emitted = 0;
    const start = performance.now();
    backoff({ ...soon, retryAfter: () => asked })('error', 1).subscribe(() => (emitted = performance.now() - start));
    vi.advanceTimersByTime(100);
    expect(emitted).toBe(waited);
  });

  test('maxRetryAfter bounds what a server may ask for, apart from max', () => {
    marbles(({ cold, expectObservable }) => {
      const delay = backoff({ ...soon, retryAfter: () => 1e9, maxRetryAfter: 7 });
      expectObservable(cold('#').pipe(retry({ count: 1, delay }))).toBe('-------#');
    });
  });

  test('by default the error is asked itself, in milliseconds: so a CircuitOpenError is heeded', () => {
    marbles(({ cold, expectObservable }) => {
      const error = new CircuitOpenError('b', { state: 'open', retryAfter: 6, isIsolated: false, failure: undefined });
      const flow = cold('#', {}, error).pipe(retry({ count: 1, delay: backoff(soon) }));
      expectObservable(flow).toBe('------#', {}, error);
    });
  });

  test.each([null, undefined, 'text', { retryAfter: '5' }, { retryAfter: NaN }, { retryAfter: -5 }])(
    'an error that says nothing useful (%j) is no obstacle',
    (error) => {
      vi.useFakeTimers();
      let emitted = false;
      backoff(soon)(error, 1).subscribe(() => (emitted = true));
      vi.advanceTimersByTime(2);
      expect(emitted).toBe(true);
    },
  );

  test('an error that cannot be looked at is no obstacle', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(() => backoff()(hostile, 1)).not.toThrow();
  });

  test.each([NaN, '5', null])('a function that gives %s ends the flow with an error that says so', (asked) => {
    let seen: unknown;
    throwError(() => 'fails')
      .pipe(retry({ delay: backoff({ retryAfter: () => asked as number }) }))
      .subscribe({ error: (error: unknown) => (seen = error) });
    expect(seen).toMatchObject({ option: 'retryAfter', received: asked });
  });

  test('what the function throws ends the flow', () => {
    let seen: unknown;
    throwError(() => 'fails')
      .pipe(retry({ delay: backoff({ retryAfter: failing }) }))
      .subscribe({ error: (error: unknown) => (seen = error) });
    expect(seen).toMatchObject({ message: 'own' });
  });
});

describe('budget', () => {
  test('a retry that it does not pay for fails at once, with the error that it was to be for', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const budget = new Budget({ burst: 2, perSecond: 0 });
      const source = cold('#');
      const delay = backoff({ initial: 1, jitter: 'none', budget });
      expectObservable(source.pipe(retry({ count: 9, delay }))).toBe('---#');
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '-(^!)', '---(^!)']);
    });
  });

  test('is shared by all that have it', () => {
    const budget = new Budget({ burst: 1, perSecond: 0 });
    backoff({ budget })('first', 1);
    expect(thrownBy(() => backoff({ budget })('second', 1))).toBe('second');
  });

  test('delayOf costs nothing of it', () => {
    const budget = new Budget({ burst: 1 });
    for (let i = 0; i < 5; i++) backoff({ budget }).delayOf(1);
    expect(budget.available).toBe(1);
  });
});

describe('bad input of backoff', () => {
  test('as the delay of repeat, which hands over no error, it says what is wrong', () => {
    expect(thrownBy(() => backoff()(1, undefined as never))).toMatchObject({
      message: 'backoff(): "retryCount" must be an integer of 1 or more. Received undefined (undefined)',
    });
  });

  test('max must not be less than initial', () => {
    expect(thrownBy(() => backoff({ initial: 10, max: 9 }))).toMatchObject({
      name: 'RangeError',
      message: 'backoff(): "max" must be at least "initial", which is 10. Received 9 (number)',
    });
    expect(backoff({ initial: 60_000, jitter: 'none' }).delayOf(1)).toBe(60_000);
  });
});

describe('the types of backoff', () => {
  test('fit retry of RxJS', () => {
    expectTypeOf(backoff()).toExtend<(error: unknown, retryCount: number) => Observable<0>>();
    expectTypeOf(of(1).pipe(retry({ count: 2, delay: backoff() }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(() => {
      // @ts-expect-error -- no such jitter
      backoff({ jitter: 'some' });
      // @ts-expect-error -- no such option
      backoff({ base: 5 });
    }).toBeFunction();
  });
});
