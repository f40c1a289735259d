import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import {
  Observable,
  asyncScheduler,
  concatMap,
  config,
  filter,
  finalize,
  lastValueFrom,
  map,
  mergeMap,
  of,
  retry,
  take,
  timer,
  toArray,
  type ObservableInput,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { fromIterable, workerPool } from 'sluice';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { ended, received, turns } from './events.ts';

/** What was done to an iterator, in that order. */
interface Watched {
  readonly log: string[];
  /** How many values it has given. */
  pulled: number;
  /** The most calls of `next` that waited for an answer at once. */
  outstanding: number;
}

interface Watching {
  /** How many numbers it gives; then it ends. */
  last?: number;
  /** Called before each value. */
  before?: (n: number) => void;
  /** What `return()` does. */
  onReturn?: () => unknown;
}

function watched(): Watched {
  return { log: [], pulled: 0, outstanding: 0 };
}

function syncNumbers({ last = Infinity, before, onReturn }: Watching = {}): Watched & Iterable<number> {
  const state = watched();
  const iterator: Iterator<number, undefined> = {
    next() {
      state.log.push('next');
      before?.(state.pulled);
      return state.pulled < last ? { done: false, value: state.pulled++ } : { done: true, value: undefined };
    },
    return() {
      state.log.push('return');
      onReturn?.();
      return { done: true, value: undefined };
    },
  };
  return Object.assign(state, { [Symbol.iterator]: () => iterator });
}

function asyncNumbers({ last = Infinity, before, onReturn }: Watching = {}): Watched & AsyncIterable<number> {
  const state = watched();
  let outstanding = 0;
  const iterator: AsyncIterator<number, undefined> = {
    async next() {
      state.log.push('next');
      state.outstanding = Math.max(state.outstanding, ++outstanding);
      await Promise.resolve();
      outstanding--;
      before?.(state.pulled);
      return state.pulled < last ? { done: false, value: state.pulled++ } : { done: true, value: undefined };
    },
    async return() {
      state.log.push('return');
      await onReturn?.();
      return { done: true, value: undefined };
    },
  };
  return Object.assign(state, { [Symbol.asyncIterator]: () => iterator });
}

/** How often `return()` was called. */
const returns = ({ log }: Watched): number => log.filter((call) => call === 'return').length;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

const lateErrors: unknown[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(error));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(lateErrors.splice(0)).toEqual([]);
});

describe.each([
  {
    kind: 'a sync iterable',
    make: syncNumbers as (w?: Watching) => Watched & (Iterable<number> | AsyncIterable<number>),
  },
  { kind: 'an async iterable', make: asyncNumbers },
])('fromIterable of $kind', ({ kind, make }) => {
  const isAsync = kind.includes('async');

  test('emits everything in order and completes', async () => {
    const source = make({ last: 1000 });
    expect(await all(fromIterable(source))).toEqual(numbers(1000));
    expect([source.log.length, returns(source), source.outstanding]).toEqual([1001, 0, isAsync ? 1 : 0]);
  });

  test('R-01: does nothing before subscribe', async () => {
    const source = make({ last: 3 });
    const give = vi.fn(() => source);
    fromIterable(give);
    fromIterable(source);
    await turns();
    expect([give.mock.calls, source.log]).toEqual([[], []]);
  });

  test('R-02: asks for nothing after the end or an error, and says nothing more', async () => {
    const source = make({ last: 2 });
    const probe = new Probe<number>().subscribe(fromIterable(source));
    await ended(probe);
    probe.close();
    probe.open();
    await turns();
    expect([source.log, probe.ended]).toEqual([['next', 'next', 'next'], 'completed']);

    const error = new Error('third');
    const failing = make({
      before: (n) => {
        if (n === 2) throw error;
      },
    });
    const failed = new Probe<number>().subscribe(fromIterable(failing));
    await ended(failed);
    failed.close();
    failed.open();
    await turns();
    expect([failed.values, failed.ended, failed.error]).toEqual([[0, 1], 'failed', error]);
    // An iterator that has thrown is over: it is not closed once more.
    expect(failing.log).toEqual(['next', 'next', 'next']);
  });

  test('R-03: completes with nothing for an empty one', async () => {
    const source = make({ last: 0 });
    expect(await all(fromIterable(source))).toEqual([]);
    expect(source.log).toEqual(['next']);
  });

  test('R-05: with a function every subscription begins anew; without, they share what there is', async () => {
    const give = vi.fn(() => make({ last: 3 }));
    const source = fromIterable(give);
    expect(await Promise.all([all(source), all(source)])).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(await all(source)).toEqual([0, 1, 2]);
    expect(give).toHaveBeenCalledTimes(3);

    const once = make({ last: 4 });
    const [first, second] = await Promise.all([all(fromIterable(once)), all(fromIterable(once))]);
    expect([...first, ...second].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test('R-06: lets falsy items through unchanged', async () => {
    const items = [undefined, null, 0, -0, '', Number.NaN, false, 0n];
    const sync = fromIterable(items);
    const async = fromIterable(async function* () {
      yield* items;
    });
    const got = await all<unknown>(isAsync ? async : sync);
    expect(got).toEqual(items);
    expect(Object.is(got[3], -0)).toBe(true);
  });

  test('R-07, R-08: completion comes after the results of everything in flight, however they end', async () => {
    for (const concurrency of [1, 3, 10]) {
      const log: unknown[] = [];
      const work = workerPool(
        // The last one ends synchronously, while others are under way.
        (n: number) => (n === 4 ? n : turns(2).then(() => n)),
        { concurrency },
      );
      await new Promise<void>((complete) => {
        fromIterable(make({ last: 5 }))
          .pipe(work)
          .subscribe({ next: (n) => log.push(n), complete });
      });
      expect(new Set(log)).toEqual(new Set(numbers(5)));
      expect(log.length).toBe(5);
      expect(await all(fromIterable(make({ last: 5 })).pipe(workerPool((n) => n, { concurrency })))).toEqual(
        numbers(5),
      );
    }
  });

  test('G2: pulls stop exactly when the gate closes, and one value at most waits that had been asked for', async () => {
    const source = make();
    const probe = new Probe<number>();
    probe.allow(3);
    probe.subscribe(fromIterable(source));
    await received(probe, 3);
    await turns();
    expect([probe.values, source.pulled]).toEqual([[0, 1, 2], 3]);
    probe.allow(1);
    await received(probe, 4);
    await turns();
    expect([probe.values, source.pulled]).toEqual([[0, 1, 2, 3], 4]);
    // A gate that closes while a value is on its way keeps that value, and no other is asked for.
    probe.onNext = () => {};
    probe.allow(2);
    if (isAsync) probe.close();
    await turns();
    expect([probe.values.length, source.pulled]).toEqual(isAsync ? [4, 5] : [6, 6]);
    probe.allow(1);
    await turns();
    expect([probe.values.length, source.pulled]).toEqual(isAsync ? [5, 5] : [7, 7]);
    expect(probe.values).toEqual(numbers(probe.values.length));
    probe.unsubscribe();
  });

  test('G2: pulls nothing while the gate is closed from the beginning', async () => {
    const source = make({ last: 2 });
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(fromIterable(source));
    await turns();
    expect(source.log).toEqual([]);
    probe.open();
    await ended(probe);
    expect(probe.values).toEqual([0, 1]);
  });

  test('R-10: a stage that never finishes takes as many as it may hold', async () => {
    const source = make();
    const subscription = fromIterable(source)
      .pipe(workerPool(() => new Promise<never>(() => {}), { concurrency: 1, capacity: 2 }))
      .subscribe();
    await turns();
    expect(source.pulled).toBe(3);
    subscription.unsubscribe();
    expect(returns(source)).toBe(1);
  });

  test('R-12: whichever way the gate opens and closes, everything arrives once and in order (property)', async () => {
    const step = fc.oneof(fc.constant('open'), fc.constant('close'), fc.nat(5), fc.constant('turn'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(20), async (steps, last) => {
        const source = make({ last });
        const probe = new Probe<number>();
        probe.close();
        probe.subscribe(fromIterable(source));
        for (const to of steps) {
          if (to === 'open') probe.open();
          else if (to === 'close') probe.close();
          else if (to === 'turn') await turns(1);
          else probe.allow(to);
          // One that was asked for may be on its way.
          expect(source.pulled - probe.values.length).toBeLessThanOrEqual(isAsync ? 1 : 0);
        }
        probe.open();
        await ended(probe);
        expect([probe.values, probe.ended, source.outstanding]).toEqual([numbers(last), 'completed', isAsync ? 1 : 0]);
      }),
      { numRuns: 100 },
    );
  });

  test('R-20: what a consumer adds to the source while it takes a value comes after that value, for every observer', async () => {
    const queue = [0];
    const source = function* (): Generator<number> {
      while (queue.length > 0) yield queue.shift()!;
    };
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n < 50) queue.push(n + 1);
    };
    const async = async function* (): AsyncGenerator<number> {
      yield* source();
    };
    probe.subscribe(fromIterable(isAsync ? async : source));
    await ended(probe);
    expect(probe.values).toEqual(numbers(51));
  });

  test('R-21: the gate may be closed and opened, and the subscription ended, inside next', async () => {
    const source = make();
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      probe.close();
      probe.open();
      probe.open();
      if (n === 5) {
        probe.close();
        probe.unsubscribe();
        probe.open();
      }
    };
    probe.subscribe(fromIterable(source));
    await turns(20);
    expect([probe.values, source.pulled, returns(source), probe.ended]).toEqual([numbers(6), 6, 1, undefined]);
  });

  test('R-22: a gate that closes and opens for each of 100,000 values does not grow the stack', async () => {
    const probe = new Probe<number>();
    probe.onNext = () => {
      probe.close();
      probe.open();
    };
    probe.subscribe(fromIterable(make({ last: 100_000 })));
    await ended(probe);
    expect(probe.values.length).toBe(100_000);
  });

  test.each([1, 2, 16])(
    'R-22: 100,000 values through a pool of %d whose work ends synchronously',
    async (concurrency) => {
      const pool = workerPool((n: number) => n, { concurrency });
      let sum = 0;
      await lastValueFrom(
        fromIterable(make({ last: 100_000 })).pipe(
          pool,
          map((n) => (sum += n)),
        ),
      );
      expect(sum).toBe((99_999 * 100_000) / 2);
    },
  );

  test('R-23: take(3) pulls three, and closes the iterator once', async () => {
    const source = make();
    expect(await all(fromIterable(source).pipe(take(3)))).toEqual([0, 1, 2]);
    expect([source.pulled, returns(source), source.log.at(-1)]).toEqual([3, 1, 'return']);
  });

  test('R-40, R-41, R-45: an unsubscribe at any place closes the iterator once, and nothing is pulled or emitted after it', async () => {
    for (const place of [0, 1, 5, 9]) {
      for (const where of ['inside next', 'while held back', 'in the next turn'] as const) {
        const source = make({ last: 10 });
        const probe = new Probe<number>();
        if (where === 'inside next') {
          probe.onNext = (n) => {
            if (n === place) probe.unsubscribe();
          };
          probe.subscribe(fromIterable(source));
          await turns();
        } else {
          probe.allow(place);
          if (place === 0) probe.close();
          probe.subscribe(fromIterable(source));
          if (where === 'while held back') await turns();
          probe.unsubscribe();
        }
        const [{ length }, pulled] = [probe.values, source.pulled];
        probe.unsubscribe();
        probe.open();
        await turns();
        expect([place, where, returns(source)]).toEqual([place, where, 1]);
        expect([probe.values.length, probe.ended]).toEqual([length, undefined]);
        // What had been asked for before may still be computed: an async iterator cannot be told otherwise.
        expect(source.pulled - pulled).toBeLessThanOrEqual(isAsync && where === 'in the next turn' ? 1 : 0);
      }
    }
  });

  test('R-41: unsubscribing in finalize, or twice, closes it once', () => {
    const source = make();
    const subscription = fromIterable(source)
      .pipe(
        finalize(() => subscription.unsubscribe()),
        workerPool(() => new Promise<never>(() => {}), { concurrency: 2 }),
      )
      .subscribe();
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(returns(source)).toBe(1);
  });

  test('R-42: closes the iterator synchronously on unsubscribe and on an error below', async () => {
    const source = make();
    const subscription = fromIterable(source)
      .pipe(workerPool(() => new Promise<never>(() => {}), {}))
      .subscribe();
    await turns();
    subscription.unsubscribe();
    expect(returns(source)).toBe(1);

    const other = make();
    const error = new Error('below');
    const failing = map((n: number) => {
      if (n === 2) throw error;
      return n;
    });
    const probe = new Probe<number>().subscribe(fromIterable(other).pipe(failing));
    await ended(probe);
    expect([probe.values, probe.error, other.pulled, returns(other)]).toEqual([[0, 1], error, 3, 1]);
  });

  test('R-44: pulls nothing in a flow whose signal has aborted, and leaves no listener on one that has not', async () => {
    const source = make({ last: 3 });
    const aborted = await run(fromIterable(source), { signal: AbortSignal.abort() }).done;
    expect([aborted.ended, source.log]).toEqual(['aborted', []]);
    const { signal } = new AbortController();
    expect((await run(fromIterable(source), { signal }).done).results).toBe(3);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('R-45: is unsubscribed once through operators of RxJS, and again for each subscription that retry makes', async () => {
    const made: Watched[] = [];
    const give = (): Watched & (Iterable<number> | AsyncIterable<number>) => {
      const source = make();
      made.push(source);
      return source;
    };
    const failing = fromIterable(give).pipe(
      mergeMap((n) => {
        if (n === 1) throw new Error('again');
        return [n];
      }),
      retry(3),
    );
    await expect(all(failing)).rejects.toThrow('again');
    expect(made.map(returns)).toEqual([1, 1, 1, 1]);
    const chained = of(0, 1).pipe(
      concatMap(() => fromIterable(give)),
      filter((n) => n % 2 === 0),
      take(3),
    );
    expect(await all(chained)).toEqual([0, 2, 4]);
    expect(made.slice(4).map(returns)).toEqual([1]);
  });

  test('an iterator without return() is simply left', async () => {
    let pulled = 0;
    const next = (): IteratorResult<number> => ({ done: false, value: pulled++ });
    const source = isAsync
      ? { [Symbol.asyncIterator]: () => ({ next: async () => next() }) }
      : { [Symbol.iterator]: () => ({ next }) };
    expect(await all(fromIterable<number>(source).pipe(take(2)))).toEqual([0, 1]);
    expect(pulled).toBe(2);
  });

  test.each([undefined, null, 0, 'text', { a: 1 }, Object.freeze(new Error('frozen'))])(
    'R-33: fails with %o if the iterator throws that',
    async (thrown) => {
      const source = make({
        before() {
          throw thrown;
        },
      });
      const probe = new Probe<number>().subscribe(fromIterable(source));
      await ended(probe);
      expect(probe.ended).toBe('failed');
      expect(probe.error).toBe(thrown);
    },
  );

  test('R-34: what a consumer throws is reported as RxJS does, and ends neither the source nor other subscribers', async () => {
    const reported: string[] = [];
    config.onUnhandledError = (error: unknown) => reported.push(String(error));
    try {
      const source = fromIterable(() => make({ last: 5 }));
      const got: number[] = [];
      const completed = new Promise<void>((complete) => {
        source.subscribe({
          next(n) {
            got.push(n);
            if (n === 1) throw new Error('consumer');
          },
          complete,
        });
      });
      expect(await all(source)).toEqual(numbers(5));
      await completed;
      await vi.waitUntil(() => reported.length > 0);
      expect([got, reported]).toEqual([numbers(5), ['Error: consumer']]);
    } finally {
      config.onUnhandledError = null;
    }
  });

  test('a function that throws, or gives nothing to iterate, is an error of the subscription', () => {
    const error = new Error('not today');
    const throwing = new Probe<number>().subscribe(
      fromIterable(() => {
        throw error;
      }),
    );
    expect(throwing.error).toBe(error);
    const wrong = new Probe<number>().subscribe(fromIterable((() => 5) as unknown as () => number[]));
    expect(wrong.error).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      option: 'source',
      received: 5,
    });
    const broken = {
      get [isAsync ? Symbol.asyncIterator : Symbol.iterator]() {
        return () => {
          throw error;
        };
      },
    };
    expect(new Probe<number>().subscribe(fromIterable(broken as unknown as Iterable<number>)).error).toBe(error);
  });

  test('ends gracefully under run: it pulls no more, what was pulled finishes, and the iterator is closed', async () => {
    const source = make();
    const results: number[] = [];
    const work = workerPool(
      async (n: number) => {
        await turns(1);
        results.push(n);
        if (n === 3) void started.shutdown();
      },
      { concurrency: 2 },
    );
    const started = run(fromIterable(source).pipe(work));
    const report = await started.done;
    expect([report.ended, report.abandoned]).toEqual(['quit', 0]);
    expect(results.toSorted((a, b) => a - b)).toEqual(numbers(source.pulled));
    expect(report.stages[0]).toMatchObject({ kind: 'source', name: 'fromIterable', out: source.pulled, held: 0 });
    expect(returns(source)).toBe(1);
  });

  test('under run an endless one leaves the event loop its turns', async () => {
    const source = make();
    const started = run(fromIterable(source));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const report = await started.shutdown();
    expect(report.ended).toBe('quit');
    expect(report.stages[0]!.out).toBeGreaterThan(0);
    expect(returns(source)).toBe(1);
  });

  test('a flow that quits already pulls nothing', () => {
    const flow = new TestFlow();
    flow.admits = false;
    const source = make();
    const probe = new Probe<number>(flow).subscribe(fromIterable(source));
    probe.close();
    probe.open();
    expect(source.log).toEqual([]);
    probe.unsubscribe();
    expect(returns(source)).toBe(1);
  });
});

describe('fromIterable of a sync iterable, in particular', () => {
  test('does what its diagram shows: one value for each that is wanted', () => {
    marbles(({ hot, expectObservable }) => {
      const demand = '-o--o---o---o';
      const result = '-1--2---3---|';

      const probe = new Probe<string>();
      probe.close();
      hot(demand).subscribe(() => probe.allow(1));
      expectObservable(fromIterable(['1', '2', '3']).pipe(probe.operator())).toBe(result);
    });
  });

  test('keeps in step with a stage that takes its time: nothing is pulled before it is wanted', () => {
    marbles(({ expectObservable }) => {
      const pulled: number[] = [];
      const source = function* (): Generator<string> {
        for (const letter of 'abc') {
          pulled.push(asyncScheduler.now());
          yield letter;
        }
        pulled.push(asyncScheduler.now());
      };
      const slow = workerPool((letter: string) => timer(3).pipe(map(() => letter)), { concurrency: 1, capacity: 0 });
      expectObservable(fromIterable(source).pipe(slow)).toBe('---a--b--(c|)');
      timer(20).subscribe(() => expect(pulled).toEqual([0, 3, 6, 9]));
    });
  });

  test('a million values through an open gate, and through one that a pool opens and closes', async () => {
    let count = 0;
    fromIterable(function* () {
      for (let n = 0; n < 1_000_000; n++) yield n;
    }).subscribe(() => count++);
    expect(count).toBe(1_000_000);
    const pool = workerPool((n: number) => (n % 1000 === 0 ? Promise.resolve(n) : n), { concurrency: 4 });
    expect((await lastValueFrom(fromIterable(numbers(1_000_000)).pipe(pool, toArray()))).length).toBe(1_000_000);
  });

  test('R-23: a subscriber that does not ask whether it is closed still ends a source that never would', () => {
    const source = syncNumbers();
    const seen: number[] = [];
    const subscription = new Observable<number>((subscriber) => fromIterable(source).subscribe(subscriber))
      .pipe(take(3))
      .subscribe((n) => seen.push(n));
    expect([seen, subscription.closed, source.pulled, returns(source)]).toEqual([[0, 1, 2], true, 3, 1]);
  });

  test('a generator whose finally runs on unsubscribe', () => {
    const log: string[] = [];
    const generator = function* (): Generator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        log.push('finally');
      }
    };
    fromIterable(generator)
      .pipe(take(1))
      .subscribe({ complete: () => log.push('complete') });
    // Like an operator of RxJS: the end is told before what is above is torn down.
    expect(log).toEqual(['complete', 'finally']);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(fromIterable(generator));
    probe.unsubscribe();
    // It had not begun, so there was nothing to finish.
    expect(log.length).toBe(2);
  });

  test('R-41: a generator that ends the subscription from within its own code is closed once it has yielded', () => {
    const log: string[] = [];
    const probe = new Probe<number>();
    probe.subscribe(
      fromIterable(function* () {
        try {
          yield 0;
          probe.unsubscribe();
          log.push('goes on');
          yield 1;
          log.push('is never here');
        } finally {
          log.push('finally');
        }
      }),
    );
    expect([probe.values, probe.ended, log]).toEqual([[0], undefined, ['goes on', 'finally']]);
  });

  test('a generator that ends the subscription from within and then returns is over', () => {
    const probe = new Probe<number>();
    probe.subscribe(
      fromIterable(function* () {
        yield 0;
        probe.unsubscribe();
      }),
    );
    expect([probe.values, probe.ended]).toEqual([[0], undefined]);
  });

  test('what a generator throws after it has ended the subscription from within is reported, not lost', async () => {
    const error = new Error('too late');
    const probe = new Probe<number>();
    probe.subscribe(
      fromIterable(function* () {
        yield 0;
        probe.unsubscribe();
        throw error;
      }),
    );
    await turns();
    expect([probe.values, probe.ended, lateErrors.splice(0)]).toEqual([[0], undefined, [error]]);
  });

  test('R-35: what return() throws is reported, and disturbs neither the unsubscribe nor what else is torn down', async () => {
    const error = new Error('return failed');
    const source = syncNumbers({
      onReturn() {
        throw error;
      },
    });
    const log: string[] = [];
    const probe = new Probe<number>();
    probe.allow(2);
    probe.subscribe(fromIterable(source).pipe(finalize(() => log.push('torn down'))));
    expect(() => probe.unsubscribe()).not.toThrow();
    await turns();
    expect([log, lateErrors.splice(0)]).toEqual([['torn down'], [error]]);
  });

  test('R-35: a return() that throws when take ends the source does not disturb the stage that woke it', async () => {
    const error = new Error('return failed');
    const source = syncNumbers({
      onReturn() {
        throw error;
      },
    });
    const pool = workerPool((n: number) => turns(1).then(() => n), { concurrency: 1, capacity: 0 });
    expect(await all(fromIterable(source).pipe(take(3), pool))).toEqual([0, 1, 2]);
    await turns();
    expect(lateErrors.splice(0)).toEqual([error]);
  });

  test.each([undefined, null, 5])('an iterator whose next() gives %o is an error of the flow', async (result) => {
    const source = { [Symbol.iterator]: () => ({ next: () => result }) } as unknown as Iterable<number>;
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(fromIterable(source));
    expect(() => probe.allow(10)).not.toThrow();
    expect([probe.values, probe.error]).toEqual([[], expect.any(TypeError)]);
  });

  test('under run tells apart the time it computes from the time it is held back', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.allow(2);
    probe.subscribe(fromIterable([1, 2, 3]));
    probe.open();
    const { telemetry } = flow.node('fromIterable');
    expect([telemetry.out, flow.spent, flow.live.size]).toEqual([3, 3, 0]);
    expect([telemetry.work!.durations.count, telemetry.heldBack!.durations.count]).toEqual([4, 1]);
  });
});

describe('fromIterable of an async iterable, in particular', () => {
  test('R-04: is silent with one that never answers; return() is called on unsubscribe, and awaited by the flow', async () => {
    const log: string[] = [];
    let letGo: (() => void) | undefined;
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        async return() {
          log.push('return');
          await new Promise<void>((resolve) => (letGo = resolve));
          log.push('returned');
          return { done: true, value: undefined };
        },
      }),
    };
    const started = run(fromIterable(never));
    await turns();
    void started.done.then(() => log.push('done'));
    started.abort('enough');
    await turns();
    expect(log).toEqual(['return']);
    letGo?.();
    await started.done;
    expect(log).toEqual(['return', 'returned', 'done']);
  });

  test('an async generator runs its finally, and the flow waits for what that awaits', async () => {
    const log: string[] = [];
    const generator = async function* (): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        await turns(3);
        log.push('finally');
      }
    };
    const report = await run(fromIterable(generator).pipe(take(3))).done;
    expect([report.ended, report.results, log]).toEqual(['completed', 3, ['finally']]);
  });

  test('has one next() outstanding at most, and asks for the next when the last has been taken', async () => {
    const answers: ((result: IteratorResult<number>) => void)[] = [];
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise((resolve) => answers.push(resolve)) }),
    };
    const probe = new Probe<number>();
    const taken: number[] = [];
    probe.onNext = () => taken.push(answers.length);
    probe.subscribe(fromIterable(source));
    probe.close();
    probe.open();
    expect(answers.length).toBe(1);
    answers[0]!({ done: false, value: 1 });
    await turns();
    // While the first was being taken, the second had not been asked for.
    expect([probe.values, taken, answers.length]).toEqual([[1], [1], 2]);
    probe.close();
    answers[1]!({ done: false, value: 2 });
    await turns();
    expect([probe.values, answers.length]).toEqual([[1], 2]);
    probe.allow(1);
    expect([probe.values, answers.length]).toEqual([[1, 2], 2]);
    probe.open();
    expect(answers.length).toBe(3);
    answers[2]!({ done: true, value: undefined });
    await ended(probe);
    expect(probe.ended).toBe('completed');
  });

  test('R-43: a value that answers after the unsubscribe is ignored, an error is reported as too late', async () => {
    for (const [act, expected] of [
      [(resolve: (r: IteratorResult<number>) => void) => resolve({ done: false, value: 1 }), []],
      [(resolve: (r: IteratorResult<number>) => void) => resolve({ done: true, value: undefined }), []],
      [(_: unknown, reject: (error: unknown) => void) => reject('too late'), ['too late']],
    ] as const) {
      let [resolve, reject]: [(r: IteratorResult<number>) => void, (error: unknown) => void] = [() => {}, () => {}];
      const source: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise((...both) => ([resolve, reject] = both)) }),
      };
      const probe = new Probe<number>().subscribe(fromIterable(source));
      probe.unsubscribe();
      act(resolve, reject);
      await turns();
      expect([probe.values, probe.ended, lateErrors.splice(0)]).toEqual([[], undefined, expected]);
    }
  });

  test('R-35: what return() rejects with or throws is reported', async () => {
    const error = new Error('return failed');
    const rejecting = asyncNumbers({ onReturn: () => Promise.reject(error) });
    expect(await all(fromIterable(rejecting).pipe(take(2)))).toEqual([0, 1]);
    await turns();
    expect(lateErrors.splice(0)).toEqual([error]);
    const throwing: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 0 }),
        return() {
          throw error;
        },
      }),
    };
    const probe = new Probe<number>().subscribe(fromIterable(throwing));
    await received(probe, 1);
    expect(() => probe.unsubscribe()).not.toThrow();
    await turns();
    expect(lateErrors.splice(0)).toEqual([error]);
  });

  test('an iterator that throws instead of rejecting fails like any other', async () => {
    const error = new Error('thrown');
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next() {
          throw error;
        },
      }),
    };
    expect(new Probe<number>().subscribe(fromIterable(source)).error).toBe(error);
  });

  test.each([undefined, null, 5])('an iterator whose next() resolves to %o is an error of the flow', async (result) => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => result }) } as unknown as AsyncIterable<number>;
    const probe = new Probe<number>();
    probe.allow(10);
    probe.subscribe(fromIterable(source));
    await turns(20);
    expect([probe.values, probe.error]).toEqual([[], expect.any(TypeError)]);
  });

  test('an error passes a closed gate at once (R-15)', async () => {
    let reject: ((error: unknown) => void) | undefined;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise((_, no) => (reject = no)) }),
    };
    const probe = new Probe<number>().subscribe(fromIterable(source));
    probe.close();
    reject?.('broken');
    await ended(probe);
    expect([probe.ended, probe.error]).toEqual(['failed', 'broken']);
  });

  describe('that is told to quit', () => {
    test('lets the value come that it has asked for, and completes', () => {
      marbles(({ expectObservable }) => {
        const log: string[] = [];
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(7).subscribe(() => quitting(flow));
        expectObservable(fromIterable(inVirtualTime(5, log)).pipe(probe.operator())).toBe('-----0----(1|)');
        timer(20).subscribe(() => expect(log).toEqual(['return']));
      });
    });

    test('completes at once while it waits for nothing but the gate', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        probe.allow(1);
        timer(7).subscribe(() => quitting(flow));
        expectObservable(fromIterable(inVirtualTime(5)).pipe(probe.operator())).toBe('-----0-|');
      });
    });

    test('has a patience of 40 ms with a value that does not come', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(10).subscribe(() => quitting(flow));
        expectObservable(fromIterable(inVirtualTime(Infinity)).pipe(probe.operator())).toBe('50ms |');
      });
    });

    test('keeps the value that has come until the gate opens, however long that takes', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(6).subscribe(() => probe.close());
        timer(7).subscribe(() => quitting(flow));
        timer(100).subscribe(() => probe.open());
        expectObservable(fromIterable(inVirtualTime(5)).pipe(probe.operator())).toBe('-----0 94ms (1|)');
      });
    });

    test('keeps the value that had come before it was told', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(6).subscribe(() => probe.close());
        timer(20).subscribe(() => quitting(flow));
        timer(100).subscribe(() => probe.open());
        expectObservable(fromIterable(inVirtualTime(5)).pipe(probe.operator())).toBe('-----0 94ms (1|)');
      });
    });

    test('leaves no timer behind when it ends by itself first', () => {
      vi.useFakeTimers();
      try {
        const flow = new TestFlow();
        const never: AsyncIterable<string> = {
          [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
        };
        const probe = new Probe<string>(flow).subscribe(fromIterable(never));
        quitting(flow);
        expect(vi.getTimerCount()).toBe(1);
        probe.unsubscribe();
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    });
  });

  test('counts what it held when it was ended as abandoned', async () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    const source = asyncNumbers();
    probe.subscribe(fromIterable(source));
    probe.close();
    await turns();
    expect([flow.node('fromIterable').held, source.pulled]).toEqual([1, 1]);
    probe.unsubscribe();
    expect([flow.node('fromIterable').held, flow.node('fromIterable').telemetry.abandoned]).toEqual([0, 1]);
  });
});

describe('fromIterable refuses at the call', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an empty object', {}],
    ['a string, whose characters are hardly meant', 'text'],
    ['a promise', Promise.resolve([1])],
    ['an Observable', of(1)],
    ['an iterator that is no iterable', { next: () => ({ done: true }) }],
    ['a symbol', Symbol('s')],
  ])('%s', (_, source) => {
    expect(() => fromIterable(source as never)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        option: 'source',
        received: source,
        message: expect.stringContaining('fromIterable(): "source" must be an iterable, an async iterable') as string,
      }),
    );
  });

  test('and infers its type', () => {
    expectTypeOf(fromIterable([1, 2])).toEqualTypeOf<Observable<number>>();
    expectTypeOf(fromIterable(new Set(['a']))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(fromIterable(new Map<string, number>())).toEqualTypeOf<Observable<[string, number]>>();
    expectTypeOf(
      fromIterable(function* () {
        yield 1;
        yield 'a';
      }),
    ).toEqualTypeOf<Observable<1 | 'a'>>();
    expectTypeOf(
      fromIterable(async function* () {
        yield new Date();
      }),
    ).toEqualTypeOf<Observable<Date>>();
    expectTypeOf(fromIterable([1])).toExtend<ObservableInput<number>>();
    // @ts-expect-error a number is no iterable
    expect(() => fromIterable(5)).toThrow(TypeError);
  });
});

/** An endless async iterator in virtual time, of whose values each takes some frames: promises know only real time. */
function inVirtualTime(frames: number, log: string[] = []): AsyncIterable<string> {
  let n = 0;
  const answer: Pick<Promise<IteratorResult<string>>, 'then'> = {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
    then(resolve) {
      if (frames < Infinity) timer(frames).subscribe(() => void resolve?.({ done: false, value: String(n++) }));
      return new Promise<never>(() => {});
    },
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => answer as Promise<IteratorResult<string>>,
      async return() {
        log.push('return');
        return { done: true, value: '' };
      },
    }),
  };
}

function quitting(flow: TestFlow): void {
  for (const node of flow.live) node.quit();
}
