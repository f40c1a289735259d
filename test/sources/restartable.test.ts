import { EMPTY, NEVER, Observable, Subject, concat, defer, of, share, take, throwError, timer } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { restartable, type Restart, type RestartableOptions } from '../../src/sources/restartable.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { ended } from './events.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The sources one after the other; behind the last the last again. */
const oneByOne = <T>(...sources: readonly Observable<T>[]): (() => Observable<T>) => {
  let n = 0;
  return () => sources[Math.min(n++, sources.length - 1)]!;
};

const failure = throwError(() => 'bad');

// oxlint-disable-next-line require-yield -- it fails before it gives anything
async function* neverGives(): AsyncGenerator<never> {
  throw new Error('down');
}

const oneAndFail = (): Observable<string> => concat(fromIterable(['a']), failure);

describe('restartable', () => {
  test('R-40: a flow that backoff itself has unsubscribed waits for nothing', () => {
    let subscriptions = 0;
    const notifier = defer(() => {
      subscriptions++;
      return NEVER;
    });
    const probe = new Probe<string>();
    const backoff = (): Observable<never> => {
      probe.unsubscribe();
      return notifier;
    };
    probe.subscribe(restartable(oneAndFail, { backoff }));
    expect([probe.values, subscriptions]).toEqual([['a'], 0]);
  });

  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const sources = ['--a--#', '--b--#', '--c--|'].map((drawn) => cold(drawn));
      const expected = '--a-------b-------c--|';
      expectObservable(restartable(oneByOne(...sources), { backoff: 3 })).toBe(expected);
      expectSubscriptions(sources[0]!.subscriptions).toBe('^----!');
      expectSubscriptions(sources[1]!.subscriptions).toBe('--------^----!');
      expectSubscriptions(sources[2]!.subscriptions).toBe('----------------^----!');
    });
  });

  test('R-03, R-04: completes with an empty source, and lets go of one that never ends', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(restartable(() => EMPTY, { backoff: 1 })).toBe('|');
      const source = cold('-');
      expectObservable(
        restartable(() => source, { backoff: 1 }),
        '---!',
      ).toBe('----');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('a function for backoff gets the error and the count, and its first value starts the source', () => {
    marbles(({ cold, expectObservable }) => {
      const asked: unknown[] = [];
      const source = restartable(() => cold('-#', {}, 'bad'), {
        backoff: (error, count) => (asked.push([error, count]), timer(count * 2, 1)),
        max: 3,
      });
      // 1, and 2 later again, 1, 4 later, 1, 6 later, 1.
      expectObservable(source).toBe('----------------#', {}, 'bad');
      timer(20).subscribe(() =>
        expect(asked).toEqual([
          ['bad', 1],
          ['bad', 2],
          ['bad', 3],
        ]),
      );
    });
  });

  test('a backoff that completes without a value ends the flow; one that fails fails it', () => {
    expect(new Probe().subscribe(restartable(() => failure, { backoff: () => EMPTY })).ended).toBe('completed');
    const other = restartable(() => failure, { backoff: () => throwError(() => 'worse') });
    expect(new Probe().subscribe(other).error).toBe('worse');
  });

  test('after max restarts in a row the last error goes down as it is; max: 0 restarts never', () => {
    const errors = [1, 2, 3].map((n) => new Error(`${n}`));
    let made = 0;
    const failing = restartable(() => throwError(() => errors[made++]), { backoff: 0, max: 2 });
    expect(new Probe().subscribe(failing).error).toBe(errors[2]);
    expect(made).toBe(3);
    expect(new Probe().subscribe(restartable(() => failure, { backoff: 0, max: 0 })).error).toBe('bad');
  });

  test('resetAfter forgets the restarts before a source that ran for so long', () => {
    marbles(({ cold, expectObservable }) => {
      const counts: number[] = [];
      const sources = ['-#', '-#', '-----#', '-#', '----#', '-#'].map((drawn) => cold(drawn));
      const source = restartable(oneByOne(...sources), {
        backoff: 1,
        resetAfter: 5,
        max: 3,
        onRestart: ({ count }) => counts.push(count),
      });
      // 1+1 1+1 5+1 1+1 4+1 1
      expectObservable(source).toBe('------------------#');
      timer(30).subscribe(() => expect(counts).toEqual([1, 2, 1, 2, 3]));
    });
  });

  test("onComplete: 'restart' starts a source that has completed again, and completes after max", () => {
    marbles(({ cold, expectObservable }) => {
      const told: Restart[] = [];
      const source = restartable(() => cold('a-|'), {
        backoff: 2,
        onComplete: 'restart',
        max: 2,
        onRestart: (restart) => told.push(restart),
      });
      expectObservable(source).toBe('a---a---a-|');
      timer(20).subscribe(() =>
        expect(told).toEqual([
          { count: 1, ended: 'completed', error: undefined },
          { count: 2, ended: 'completed', error: undefined },
        ]),
      );
    });
  });

  test('R-30: what factory, backoff and onRestart throw ends the flow', () => {
    const bad = new Error('thrown');
    const fail = (): never => {
      throw bad;
    };
    const made: Observable<unknown>[] = [
      restartable(fail, { backoff: 0 }),
      restartable(() => failure, { backoff: fail }),
      restartable(() => failure, { backoff: 0, onRestart: fail }),
    ];
    for (const source of made) expect(new Probe<unknown>().subscribe(source).error).toBe(bad);
  });

  test('a factory or a backoff that gives nothing of the kind ends the flow with a TypeError', () => {
    const factory = restartable(() => 5 as never, { backoff: 0 });
    expect(new Probe().subscribe(factory).error).toMatchObject({ name: 'TypeError', option: 'result of factory' });
    const backoff = restartable(() => failure, { backoff: () => undefined as never });
    expect(new Probe().subscribe(backoff).error).toMatchObject({ name: 'TypeError', option: 'result of backoff' });
  });

  test('takes promises, iterables and async iterables, and a promise for the wait', async () => {
    const sources = [Promise.reject(new Error('bad')), [1, 2]];
    const probe = new Probe<number>();
    probe.subscribe(restartable(() => sources.shift() as number[], { backoff: async () => 'now' }));
    await ended(probe);
    expect([probe.values, probe.ended]).toEqual([[1, 2], 'completed']);
  });

  test('G2: each source sees the gate below, also after a restart, and behind a share', () => {
    marbles(({ gated, expectObservable }) => {
      const demand = '  o-x-----o   ';
      expectObservable(restartable(oneAndFail, { backoff: 3, max: 1 }).pipe(gated(demand))).toBe(
        'a-------(a#)',
        undefined,
        'bad',
      );
    });
    for (const wrap of [<T>(it: Observable<T>) => it, <T>(it: Observable<T>) => it.pipe(share())]) {
      vi.useFakeTimers();
      const probes: ProbeSource<number>[] = [];
      const probe = new Probe<number>();
      probe.subscribe(
        restartable(
          () => {
            const source = new ProbeSource([1, 2, 3], false);
            probes.push(source);
            return wrap(source.items$);
          },
          { backoff: 5 },
        ),
      );
      probe.close();
      probes[0]!.fail('bad');
      vi.advanceTimersByTime(5);
      expect([probes.length, probes[1]!.produced, probes[1]!.isSubscribed]).toEqual([2, 0, true]);
      probe.allow(1);
      expect([probes[1]!.produced, probes[1]!.producedWhileClosed]).toEqual([1, 0]);
      probe.unsubscribe();
      expect(probe.violations).toEqual([]);
      vi.useRealTimers();
    }
  });

  test('G6: the last error passes a closed gate', () => {
    const probe = new Probe<number>();
    const source = new Subject<number>();
    probe.subscribe(restartable(() => source, { backoff: 0, max: 0 }));
    probe.close();
    source.error('bad');
    expect(probe.error).toBe('bad');
  });

  test('a source is left before the next is made', () => {
    const log: string[] = [];
    let n = 0;
    const source = () => {
      const name = ++n;
      log.push(`make ${name}`);
      return new Observable<number>((out) => {
        out.add(() => log.push(`leave ${name}`));
        if (name < 3) out.error('bad');
        else out.complete();
      });
    };
    restartable(source, { backoff: 0 }).subscribe();
    expect(log).toEqual(['make 1', 'leave 1', 'make 2', 'leave 2', 'make 3', 'leave 3']);
  });

  test('R-41: unsubscribed while it runs, while it waits, and from within factory, onRestart, backoff and the consumer', () => {
    vi.useFakeTimers();
    const waits: RestartableOptions['backoff'][] = [1000, () => timer(1000)];
    for (const backoff of waits) {
      const waiting = restartable(() => failure, { backoff }).subscribe();
      expect(vi.getTimerCount()).toBe(1);
      waiting.unsubscribe();
      expect(vi.getTimerCount()).toBe(0);
    }
    for (const where of ['factory', 'onRestart', 'backoff', 'next']) {
      const probe = new Probe<number>();
      let made = 0;
      const leave = (place: string): void => {
        if (place === where && made > 1) probe.unsubscribe();
      };
      probe.onNext = () => leave('next');
      probe.subscribe(
        restartable(
          () => {
            made++;
            leave('factory');
            return concat(of(made), failure);
          },
          {
            onRestart: () => leave('onRestart'),
            backoff: () => (leave('backoff'), of(0)),
          },
        ),
      );
      expect([made, probe.isClosed, vi.getTimerCount()], where).toEqual([2, true, 0]);
    }
  });

  test('R-22: 100,000 failures at once do not grow the stack, with a number, a function, and with items in between', async () => {
    for (const backoff of [0, () => of(0)]) {
      let made = 0;
      const probe = new Probe<number>();
      const source = restartable(() => (made++ < 100_000 ? concat(of(1), failure) : of(2)), { backoff });
      probe.subscribe(source);
      await ended(probe);
      expect([made, probe.values.length, probe.ended]).toEqual([100_001, 100_001, 'completed']);
    }
  }, 60_000);

  test('a source that always fails at once lets the event loop have its turn, and nothing is kept of those before', async () => {
    let made = 0;
    const probe = new Probe<never>();
    probe.subscribe(
      restartable(
        () => {
          made++;
          return failure;
        },
        { backoff: 0 },
      ),
    );
    // It has come back from subscribe: nobody else could end it.
    await new Promise((resolve) => setImmediate(resolve));
    probe.unsubscribe();
    const before = made;
    await new Promise((resolve) => setImmediate(resolve));
    expect([made > 1, made - before]).toEqual([true, 0]);
  });

  test.each([
    ['a promise', () => Promise.reject(new Error('down')), 0],
    ['an async iterable', () => fromIterable(neverGives()), 0],
    ['a wait that is over at once', () => failure, () => Promise.resolve()],
  ] as const)('one that always fails through %s lets the event loop have its turn', async (_, factory, backoff) => {
    let made = 0;
    const probe = new Probe().subscribe(
      restartable(
        () => {
          made++;
          return factory();
        },
        { backoff },
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeGreaterThan(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    probe.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve));
    const before = made;
    await new Promise((resolve) => setTimeout(resolve));
    expect(made).toBe(before);
  });

  test('R-05: each subscription counts for itself', () => {
    const source = restartable(() => failure, { backoff: 0, max: 2 });
    const told = [new Probe(), new Probe()].map((probe) => probe.subscribe(source).error);
    expect(told).toEqual(['bad', 'bad']);
  });

  test('R-23: a synchronous source stops with take', () => {
    const seen: number[] = [];
    let made = 0;
    const endless = fromIterable(function* () {
      for (;;) yield made++;
    });
    restartable(() => endless, { backoff: 0 })
      .pipe(take(2))
      .subscribe((n) => seen.push(n));
    expect([seen, made]).toEqual([[0, 1], 2]);
  });

  test('refuses wrong arguments and infers its types', () => {
    expect(thrownBy(() => restartable(5 as never, { backoff: 1 }))).toMatchObject({ option: 'factory' });
    expect(thrownBy(() => restartable(() => NEVER, {} as never))).toMatchObject({ option: 'backoff' });
    expect(thrownBy(() => restartable(() => NEVER, { backoff: -1 }))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    expectTypeOf(restartable(() => of(1), { backoff: 1 })).toEqualTypeOf<Observable<number>>();
    expectTypeOf(restartable(async () => 'a', { backoff: 1 })).toEqualTypeOf<Observable<string>>();
  });
});
