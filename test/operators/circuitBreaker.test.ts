import {
  catchError,
  concat,
  defer,
  EMPTY,
  NEVER,
  Observable,
  of,
  retry,
  share,
  Subject,
  take,
  throwError,
  timeout,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { circuitBreaker } from '../../src/operators/circuitBreaker.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { backoff } from '../../src/sync/backoff.ts';
import { CircuitBreaker, type CircuitBreakerOptions } from '../../src/sync/CircuitBreaker.ts';
import { CircuitOpenError } from '../../src/sync/CircuitOpenError.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { thrownBy } from './badOptions.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Opens, and stays so for so many milliseconds. */
function opened(openFor: number, options: CircuitBreakerOptions = {}): CircuitBreaker {
  const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor, ...options });
  breaker.tryBegin()!.fail('down');
  return breaker;
}

const pausing = <T>(breaker: CircuitBreaker): MonoTypeOperatorFunction<T> =>
  circuitBreaker(breaker, { whenOpen: 'pause' });

const MODES = ['fail', 'pause'] as const;

describe('circuitBreaker', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failing = opened(4);
      const source = cold('      --a|');
      const refused = cold('     --a|');
      const waiting = opened(4);
      expectObservable(
        refused.pipe(
          circuitBreaker(failing),
          catchError(() => of('x')),
        ),
      ).toBe('(x|)');
      expectObservable(source.pipe(pausing(waiting))).toBe('------a|');
      expectSubscriptions(refused.subscriptions).toBe([]);
      expectSubscriptions(source.subscriptions).toBe('----^--!');
    });
  });

  test.each(MODES)('%s: many values of one call pass at once; it counts when it completes', (whenOpen) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const breaker = opened(0, { successesToClose: 1 });
      const source = cold('a-b-(cd)-|');
      expectObservable(source.pipe(circuitBreaker(breaker, { whenOpen }))).toBe('a-b-(cd)-|');
      expectSubscriptions(source.subscriptions).toBe('^--------!');
      timer(8).subscribe(() => expect(breaker.state).toBe('half-open'));
      timer(10).subscribe(() => expect(breaker.state).toBe('closed'));
    });
  });

  test.each(MODES)('%s: R-03, R-04: a call that is empty went well; one that says nothing is under way', (whenOpen) => {
    marbles(({ cold, expectObservable }) => {
      const breaker = opened(0, { successesToClose: 1, halfOpenProbes: 2 });
      expectObservable(cold('|').pipe(circuitBreaker(breaker, { whenOpen }))).toBe('|');
      expectObservable(NEVER.pipe(circuitBreaker(breaker, { whenOpen })), '----!').toBe('-----');
      timer(1).subscribe(() => expect(breaker.state).toBe('closed'));
    });
  });

  test.each(MODES)('%s: G6, R-30: an error passes, itself, and counts', (whenOpen) => {
    marbles(({ cold, expectObservable }) => {
      const error = new Error('bad');
      const breaker = new CircuitBreaker({ consecutiveFailures: 1 });
      expectObservable(cold('a-#', {}, error).pipe(circuitBreaker(breaker, { whenOpen }))).toBe('a-#', {}, error);
      timer(3).subscribe(() => expect(breaker.state).toBe('open'));
    });
  });

  test('fail: R-52: the error says whose it is, and why', () => {
    const breaker = opened(60_000, { name: 'payments' });
    const probe = new Probe<number>().subscribe(of(1).pipe(circuitBreaker(breaker)));
    expect(probe.error).toBeInstanceOf(CircuitOpenError);
    expect(probe.error).toMatchObject({ stage: 'payments', cause: 'down' });
  });

  test('fail: R-22: 50,000 calls that are refused at once, and 50,000 that end at once', () => {
    const breaker = opened(60_000);
    const closed = new CircuitBreaker();
    const probe = new Probe<string>();
    const calls = fromIterable(Array.from({ length: 100_000 }, (_, i) => i)).pipe(
      workerPool(
        (i: number) =>
          of('made').pipe(
            circuitBreaker(i < 50_000 ? breaker : closed),
            catchError(() => of('refused')),
          ),
        { concurrency: 2 },
      ),
    );
    probe.subscribe(calls);
    const made = probe.values.filter((it) => it === 'made').length;
    expect([made, probe.values.length - made, probe.ended]).toEqual([50_000, 50_000, 'completed']);
  });

  test.each(MODES)('%s: R-23: a synchronous source stops with take', (whenOpen) => {
    let made = 0;
    const firehose = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(made++);
    });
    const seen: number[] = [];
    firehose.pipe(circuitBreaker(new CircuitBreaker(), { whenOpen }), take(3)).subscribe((n) => seen.push(n));
    expect([seen, made]).toEqual([[0, 1, 2], 3]);
  });

  test.each(MODES)('%s: R-05: each subscription is a call of its own', (whenOpen) => {
    marbles(({ cold, expectObservable }) => {
      const breaker = opened(0, { successesToClose: 2 });
      const call = cold('--a|').pipe(circuitBreaker(breaker, { whenOpen }));
      expectObservable(call).toBe('       --a|');
      expectObservable(call, '-----^').toBe('-------a|');
      timer(6).subscribe(() => expect(breaker.state).toBe('half-open'));
      timer(9).subscribe(() => expect(breaker.state).toBe('closed'));
    });
  });
});

describe('a call that is given up', () => {
  test('before it has emitted counts as nothing, and makes room for another probe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const breaker = opened(0, { successesToClose: 1 });
      const first = cold('---------');
      const second = cold('--b|');
      expectObservable(first.pipe(pausing(breaker)), '---!').toBe('----');
      expectObservable(second.pipe(pausing(breaker)), '-^').toBe('-----b|');
      expectSubscriptions(first.subscriptions).toBe('^--!');
      expectSubscriptions(second.subscriptions).toBe('---^--!');
      timer(4).subscribe(() => expect(breaker.state).toBe('half-open'));
      timer(7).subscribe(() => expect(breaker.state).toBe('closed'));
    });
  });

  test('after it has emitted went well: take and firstValueFrom do that', () => {
    const breaker = opened(0, { successesToClose: 1 });
    const probe = new Probe<number>().subscribe(concat(of(1), NEVER).pipe(circuitBreaker(breaker), take(1)));
    expect([probe.values, probe.ended, breaker.state]).toEqual([[1], 'completed', 'closed']);
  });

  test('by a timeout below it counts as nothing; a timeout above it fails', () => {
    marbles(({ cold, expectObservable }) => {
      const breaker = new CircuitBreaker({ consecutiveFailures: 1 });
      const below = cold('---------').pipe(
        circuitBreaker(breaker),
        timeout(3),
        catchError(() => of('x')),
      );
      expectObservable(below).toBe('---(x|)');
      timer(4).subscribe(() => expect(breaker.state).toBe('closed'));
      const above = cold('---------').pipe(
        timeout(6),
        circuitBreaker(breaker),
        catchError(() => of('x')),
      );
      expectObservable(above).toBe('------(x|)');
      timer(7).subscribe(() => expect(breaker.state).toBe('open'));
    });
  });

  test('R-41, R-42: while it waits it leaves its place, and the last one the timer', () => {
    vi.useFakeTimers();
    const breaker = opened(1000);
    const source = new ProbeSource([1]);
    const probes = [1, 2].map(() => new Probe<number>().subscribe(source.items$.pipe(pausing(breaker))));
    expect(vi.getTimerCount()).toBe(1);
    probes[0]!.unsubscribe();
    expect(vi.getTimerCount()).toBe(1);
    probes[1]!.unsubscribe();
    probes[1]!.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2000);
    expect([source.subscriptions, breaker.state]).toEqual([0, 'half-open']);
  });

  test('from within the change of state that admits it', () => {
    vi.useFakeTimers();
    const source = new ProbeSource([1]);
    const probe = new Probe<number>();
    const breaker = opened(10, { onStateChange: ({ to }) => to === 'half-open' && probe.unsubscribe() });
    probe.subscribe(source.items$.pipe(pausing(breaker)));
    vi.advanceTimersByTime(10);
    expect([source.subscriptions, breaker.state, breaker.tryBegin() === undefined]).toEqual([0, 'half-open', false]);
  });

  test('R-21: from within its value, which is the last then', () => {
    const breaker = opened(0, { successesToClose: 1 });
    const source = new ProbeSource([1, 2, 3]);
    const probe = new Probe<number>();
    probe.onNext = () => probe.unsubscribe();
    probe.subscribe(source.items$.pipe(pausing(breaker)));
    expect([probe.values, source.isSubscribed, breaker.state]).toEqual([[1], false, 'closed']);
  });
});

describe("whenOpen: 'pause'", () => {
  test('while it is half-open, calls wait in the order in which they came', () => {
    marbles(({ cold, expectObservable }) => {
      const breaker = opened(4, { successesToClose: 2 });
      expectObservable(cold('--a|').pipe(pausing(breaker))).toBe('------a|');
      expectObservable(cold('--b|').pipe(pausing(breaker))).toBe('---------b|');
      expectObservable(cold('--c|').pipe(pausing(breaker))).toBe('------------c|');
      expectObservable(cold('--d|').pipe(pausing(breaker)), '-^').toBe('------------d|');
    });
  });

  test('a probe that fails makes the others wait on; none of them is lost', () => {
    marbles(({ cold, expectObservable }) => {
      const breaker = opened(4, { successesToClose: 1 });
      expectObservable(cold('-#  ').pipe(pausing(breaker))).toBe('-----#');
      expectObservable(cold('--b|').pipe(pausing(breaker))).toBe('-----------b|');
    });
  });

  test('an isolated breaker makes calls wait until that is ended', () => {
    marbles(({ cold, expectObservable }) => {
      const breaker = new CircuitBreaker();
      const release = breaker.isolate();
      timer(7).subscribe(release);
      expectObservable(cold('-a|').pipe(pausing(breaker))).toBe('--------a|');
    });
  });

  test('in a pool: the pool fills up and holds its source back, and no item is burnt', () => {
    marbles(({ cold, gated, expectObservable, expectGate }) => {
      const breaker = opened(10, { successesToClose: 2 });
      const source = new ProbeSource(['a', 'b', 'c', 'd'], false);
      const call = (item: string) => defer(() => cold('-(r|)', { r: item })).pipe(pausing(breaker));
      const results = source.items$.pipe(workerPool(call, { concurrency: 2, capacity: 1 }), gated('o'));
      // Probes one after the other; from 12 on it is closed, and the pool runs two at once again.
      const expected = '-----------ab(cd)';
      const gate = '    x-----------o';
      expectObservable(results).toBe(expected);
      expectGate(source).toBe(gate);
    });
  });

  test.each(['open', 'closed'])(
    'demand passes through: a source below which the gate is closed makes nothing (%s)',
    (how) => {
      marbles(({ gated, expectObservable, expectGate }) => {
        const breaker = how === 'open' ? opened(2) : new CircuitBreaker();
        const source = new ProbeSource(['a', 'b']);
        const demand = '  x----o---x';
        const expected = '-----(ab|)';
        expectObservable(source.items$.pipe(pausing(breaker), gated(demand))).toBe(expected);
        expectGate(source).toBe('x----x');
      });
    },
  );

  test('a source that was shared, too', () => {
    vi.useFakeTimers();
    const breaker = opened(10);
    const probe = new Probe<number>();
    const source = new ProbeSource([1, 2]);
    probe.subscribe(source.items$.pipe(share(), pausing(breaker)));
    vi.advanceTimersByTime(10);
    expect([probe.values, probe.ended, probe.violations]).toEqual([[1, 2], 'completed', []]);
  });

  test.each(['breaker', 'no breaker'])(
    'one that is shared and gives much finds the gate below, behind an open %s',
    (which) => {
      vi.useFakeTimers();
      const breaker = which === 'breaker' ? opened(10) : new CircuitBreaker();
      const source = new ProbeSource(Array.from({ length: 1_000 }, (_, i) => i));
      const stuck = workerPool(() => NEVER, { capacity: 1 });
      const subscription = source.items$.pipe(share(), pausing(breaker), stuck).subscribe();
      vi.advanceTimersByTime(10);
      expect(source.produced).toBe(2);
      subscription.unsubscribe();
    },
  );

  test('half-open: a call that comes is not admitted before those that wait, also if the probes end at once', () => {
    vi.useFakeTimers();
    const breaker = opened(10, { successesToClose: 100 });
    const order: number[] = [];
    const call = (n: number): Observable<number> =>
      defer(() => {
        order.push(n);
        return of(n);
      }).pipe(pausing(breaker));
    of(1, 2, 3, 4, 5, 6)
      .pipe(workerPool(call, { concurrency: 2, capacity: 10 }))
      .subscribe();
    vi.advanceTimersByTime(10);
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('R-22: 20,000 calls that wait, each of which ends at once', () => {
    vi.useFakeTimers();
    const breaker = opened(10);
    let done = 0;
    for (let i = 0; i < 20_000; i++)
      of(i)
        .pipe(pausing(breaker))
        .subscribe(() => done++);
    expect(done).toBe(0);
    vi.advanceTimersByTime(10);
    expect([done, breaker.state]).toEqual([20_000, 'closed']);
  });

  test('R-20: a call that is begun from within another waits for its turn', () => {
    vi.useFakeTimers();
    const breaker = opened(10, { successesToClose: 9 });
    const log: string[] = [];
    of('first')
      .pipe(pausing(breaker))
      .subscribe((it) => {
        of('inner')
          .pipe(pausing(breaker))
          .subscribe((inner) => log.push(inner));
        log.push(it);
      });
    vi.advanceTimersByTime(10);
    expect(log).toEqual(['first', 'inner']);
  });
});

describe('errors of the callbacks', () => {
  test.each(MODES)('%s: what isFailure throws goes down instead, and the probe is given back', (whenOpen) => {
    const own = new Error('own');
    const breaker = opened(0, {
      isFailure: (error) => {
        if (error === 'odd') throw own;
        return true;
      },
    });
    const probe = new Probe<number>();
    probe.subscribe(throwError(() => 'odd').pipe(circuitBreaker(breaker, { whenOpen })));
    expect([probe.error, breaker.state]).toEqual([own, 'half-open']);
    expect(breaker.tryBegin()).toBeDefined();
  });

  test('openFor: what it throws when a call has ended well ends the flow', () => {
    const own = new Error('own');
    const breaker = new CircuitBreaker({
      slowCallDuration: 0,
      minimumCalls: 1,
      openFor: {
        delayOf: () => {
          throw own;
        },
      },
    });
    const probe = new Probe<number>().subscribe(of(1).pipe(circuitBreaker(breaker)));
    expect([probe.values, probe.ended, probe.error]).toEqual([[1], 'failed', own]);
  });

  test('R-34: a consumer that throws does not keep the probe', () => {
    vi.useFakeTimers();
    const breaker = opened(0, { successesToClose: 1 });
    of(1)
      .pipe(circuitBreaker(breaker))
      .subscribe(() => {
        throw new Error('consumer');
      });
    expect(() => vi.advanceTimersByTime(1)).toThrow('consumer');
    expect(breaker.state).toBe('closed');
  });
});

describe('with retry', () => {
  test('a retry finds the breaker as its call left it', () => {
    const breaker = new CircuitBreaker({ consecutiveFailures: 3, openFor: 60_000 });
    const tries = vi.fn(() => throwError(() => 'bad'));
    const probe = new Probe<never>().subscribe(defer(tries).pipe(circuitBreaker(breaker), retry(9)));
    expect(tries).toHaveBeenCalledTimes(3);
    expect(probe.error).toBeInstanceOf(CircuitOpenError);
  });

  test('backoff waits for as long as the refusal says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const breaker = opened(8);
      const source = cold('-a|');
      const delay = backoff({ initial: 1, jitter: 'none', max: 100 });
      expectObservable(source.pipe(circuitBreaker(breaker), retry({ count: 1, delay }))).toBe('---------a|');
      expectSubscriptions(source.subscriptions).toBe('--------^-!');
    });
  });
});

describe('bad input of circuitBreaker', () => {
  test.each([null, {}, CircuitBreaker, { tryBegin: () => {} }])('%s is no breaker', (breaker) => {
    expect(thrownBy(() => circuitBreaker(breaker as never))).toMatchObject({ name: 'TypeError', option: 'breaker' });
  });

  test('an unknown way says which there are', () => {
    expect(thrownBy(() => circuitBreaker(new CircuitBreaker(), { whenOpen: 'wait' as never }))).toMatchObject({
      message: `circuitBreaker(): "whenOpen" must be one of 'fail', 'pause'. Received "wait" (string)`,
    });
  });
});

describe('the types of circuitBreaker', () => {
  test('leave the values as they are', () => {
    const breaker = new CircuitBreaker();
    expectTypeOf(of(1, 2).pipe(circuitBreaker(breaker))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(EMPTY.pipe(circuitBreaker(breaker, { whenOpen: 'pause' }))).toEqualTypeOf<Observable<never>>();
    expectTypeOf(new Subject<string>().pipe(circuitBreaker(breaker))).toEqualTypeOf<Observable<string>>();
  });
});
