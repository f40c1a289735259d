import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import {
  Observable,
  config,
  endWith,
  finalize,
  firstValueFrom,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  repeat,
  retry,
  take,
  takeUntil,
  timer,
  toArray,
} from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { run } from '../../src/observe/run.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { ticker } from '../../src/sources/ticker.ts';
import { unfold, type UnfoldContext, type UnfoldStep } from '../../src/sources/unfold.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { badFunctions, thrownBy } from '../operators/badOptions.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { watchLateErrors } from '../core/watchLateErrors.ts';
import { ended, received, turns } from './events.ts';

const { late } = watchLateErrors();

type Next = (
  state: number,
  context: UnfoldContext,
) => UnfoldStep<number, number> | PromiseLike<UnfoldStep<number, number>>;

/** A promise in virtual time, which promises of the language know nothing of. */
function inVirtualTime<T>(frames: number, value: T): PromiseLike<T> {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
    then(resolve) {
      timer(frames).subscribe(() => void resolve?.(value));
      return new Promise<never>(() => {});
    },
  };
}

/** A promise that answers in the very call of `then`. */
function atOnce<T>(value: T): PromiseLike<T> {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
    then(resolve) {
      void resolve?.(value);
      return new Promise<never>(() => {});
    },
  };
}

/** 0, 1, 2 ... as text, each of which takes some frames. */
const slowText = (frames: number): Observable<string> =>
  unfold(0, (n) => inVirtualTime(frames, [String(n), n + 1] as const));

function quit(flow: TestFlow): void {
  for (const node of flow.live) node.quit();
}

const firstOf = (list: readonly unknown[]): UnfoldStep<readonly unknown[], unknown> =>
  list.length === 0 ? null : [list[0], list.slice(1)];

/** Counts from 0, below `last`, with a record of the states that were asked for. */
function counting(isAsync: boolean, last = Infinity, before: (n: number) => void = () => {}) {
  const asked: number[] = [];
  const step = (n: number): UnfoldStep<number, number> => {
    before(n);
    return n < last ? [n, n + 1] : undefined;
  };
  const next: Next = (n) => {
    asked.push(n);
    return isAsync ? Promise.resolve().then(() => step(n)) : step(n);
  };
  return { source: unfold(0, next), asked };
}

/** Steps that are answered by hand. */
function byHand() {
  const steps: {
    answer: (step: UnfoldStep<number, number>) => void;
    fail: (error: unknown) => void;
    signal: AbortSignal;
  }[] = [];
  const source = unfold<number, number>(
    0,
    (_, { signal }) => new Promise((answer, fail) => steps.push({ answer, fail, signal })),
  );
  return { source, steps };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

test('unfold does what the diagram in its comment says', () => {
  marbles(({ hot, expectObservable }) => {
    const demand = '-o--o---o---o';
    const expected = '-1--2---4---|';
    const probe = new Probe<number>();
    probe.close();
    hot(demand).subscribe(() => probe.allow(1));
    const source = unfold(1, (n) => (n > 4 ? undefined : [n, n * 2]));
    expectObservable(source.pipe(probe.operator())).toBe(expected, { 1: 1, 2: 2, 4: 4 });
  });
});

test('unfold prints what the examples in its comment say', async () => {
  const fibonacci = unfold({ a: 0, b: 1 }, ({ a, b }) => [a, { a: b, b: a + b }]);
  expect(await all(fibonacci.pipe(take(8)))).toEqual([0, 1, 1, 2, 3, 5, 8, 13]);

  const site: Record<string, { items: string[]; nextUrl?: string }> = {
    '/1': { items: ['a', 'b'], nextUrl: '/2' },
    '/2': { items: ['c'] },
  };
  const get = async (url: string, _: { signal: AbortSignal }) => site[url]!;
  const pages = unfold('/1', async (url: string | undefined, { signal }) => {
    if (url === undefined) return undefined;
    const page = await get(url, { signal });
    return [page.items, page.nextUrl];
  });
  expect(await all(pages)).toEqual([['a', 'b'], ['c']]);
});

describe.each([
  ['at once', false],
  ['with a promise', true],
])('unfold whose function answers %s', (_, isAsync) => {
  test('emits every value in order, one step at a time, and completes', async () => {
    const { source, asked } = counting(isAsync, 1000);
    expect(await all(source)).toEqual(numbers(1000));
    expect(asked).toEqual(numbers(1001));
  });

  test('R-01: does nothing before subscribe; R-05: every subscription begins with the seed', async () => {
    const { source, asked } = counting(isAsync, 3);
    await turns(1);
    expect(asked).toEqual([]);
    expect(await Promise.all([all(source), all(source)])).toEqual([numbers(3), numbers(3)]);
    expect(await all(source)).toEqual(numbers(3));
    expect(await all(source.pipe(repeat(2)))).toEqual([...numbers(3), ...numbers(3)]);
  });

  test.each([undefined, null])('R-03: completes with nothing if the first answer is %o', async (end) => {
    expect(await all(unfold(0, () => (isAsync ? Promise.resolve(end) : end)))).toEqual([]);
  });

  test('R-02: asks for nothing after the end, and says nothing more', async () => {
    const { source, asked } = counting(isAsync, 2);
    const probe = new Probe<number>().subscribe(source);
    await ended(probe);
    probe.close();
    probe.open();
    await turns(2);
    expect([probe.values, probe.ended, asked]).toEqual([[0, 1], 'completed', [0, 1, 2]]);
  });

  test('R-06: lets falsy values through unchanged, and falsy states', async () => {
    const items = [undefined, null, 0, -0, '', Number.NaN, false, 0n];
    const got = await all(
      unfold<readonly unknown[], unknown>(items, (rest) => (isAsync ? Promise.resolve(firstOf(rest)) : firstOf(rest))),
    );
    expect(got).toEqual(items);
    expect(Object.is(got[3], -0)).toBe(true);
    const states: unknown[] = [];
    const falsy = unfold<unknown, number>(undefined, (state) => {
      states.push(state);
      const answer: UnfoldStep<unknown, number> =
        states.length > 3 ? undefined : [states.length, [null, 0, ''][states.length - 1]];
      return isAsync ? Promise.resolve(answer) : answer;
    });
    expect(await all(falsy)).toEqual([1, 2, 3]);
    expect(states).toEqual([undefined, null, 0, '']);
  });

  test('R-07, R-08: the end comes after the results of everything in flight', async () => {
    for (const concurrency of [1, 3, 10]) {
      const work = workerPool((n: number) => (n === 4 ? n : turns(1).then(() => n)), { concurrency });
      const got = await all(counting(isAsync, 5).source.pipe(work));
      expect(got.toSorted((a, b) => a - b)).toEqual(numbers(5));
    }
  });

  test('G2: makes no step while the gate is closed, and stops exactly when it closes', async () => {
    const { source, asked } = counting(isAsync);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source);
    await turns(1);
    expect(asked).toEqual([]);
    probe.allow(3);
    await received(probe, 3);
    await turns(1);
    expect([probe.values, asked]).toEqual([numbers(3), numbers(3)]);
    probe.unsubscribe();
  });

  test('R-10: a stage that never finishes takes as many as it may hold', async () => {
    const { source, asked } = counting(isAsync);
    const subscription = source
      .pipe(workerPool(() => new Promise<never>(() => {}), { concurrency: 1, capacity: 2 }))
      .subscribe();
    await turns(2);
    expect(asked).toEqual(numbers(3));
    subscription.unsubscribe();
  });

  test('R-12: whichever way the gate opens and closes, everything arrives once and in order (property)', async () => {
    const step = fc.oneof(fc.constant('open'), fc.constant('close'), fc.nat(5), fc.constant('turn'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(20), async (steps, last) => {
        const { source, asked } = counting(isAsync, last);
        const flow = new TestFlow();
        const probe = new Probe<number>(flow);
        probe.close();
        probe.subscribe(source);
        for (const to of steps) {
          if (to === 'open') probe.open();
          else if (to === 'close') probe.close();
          else if (to === 'turn') await turns(1);
          else probe.allow(to);
          // One ahead at most, and only where the answer takes its time.
          if (probe.ended === undefined)
            expect(asked.length - probe.values.length).toBeLessThanOrEqual(isAsync ? 1 : 0);
          flow.check();
        }
        probe.open();
        await ended(probe);
        expect([probe.values, probe.ended, asked]).toEqual([numbers(last), 'completed', numbers(last + 1)]);
        expect(flow.live.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('R-21: the gate may be closed and opened, and the subscription ended, inside next', async () => {
    const { source, asked } = counting(isAsync);
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      probe.close();
      probe.open();
      probe.open();
      if (n !== 5) return;
      probe.close();
      probe.unsubscribe();
      probe.open();
    };
    probe.subscribe(source);
    await turns(20);
    expect([probe.values, asked, probe.ended]).toEqual([numbers(6), numbers(6), undefined]);
  });

  test('R-20: a value is dealt with before the next step is made', async () => {
    const log: string[] = [];
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      log.push(`got ${n}`);
      probe.close();
      probe.open();
      log.push(`done ${n}`);
    };
    probe.subscribe(counting(isAsync, 2, (n) => log.push(`step ${n}`)).source);
    await ended(probe);
    expect(log).toEqual(['step 0', 'got 0', 'done 0', 'step 1', 'got 1', 'done 1', 'step 2']);
  });

  test('R-22: 100,000 values, with a gate that closes and opens for each', async () => {
    const probe = new Probe<number>();
    probe.onNext = () => {
      probe.close();
      probe.open();
    };
    probe.subscribe(counting(isAsync, 100_000).source);
    await ended(probe);
    expect(probe.values.length).toBe(100_000);
  }, 60_000);

  test('R-23, R-45: take(3) makes three steps, also through a hand-written Observable', async () => {
    for (const wrap of [
      (source: Observable<number>) => source,
      (source: Observable<number>) => new Observable<number>((subscriber) => source.subscribe(subscriber)),
    ]) {
      const { source, asked } = counting(isAsync);
      expect(await all(wrap(source).pipe(take(3)))).toEqual([0, 1, 2]);
      await turns(1);
      expect(asked).toEqual([0, 1, 2]);
    }
  });

  test.each([undefined, null, 0, 'text', { a: 1 }, Object.freeze(new Error('frozen'))])(
    'R-30, R-33: fails with %o if the function fails with that, after the values before it',
    async (thrown) => {
      const probe = new Probe<number>();
      const { source, asked } = counting(isAsync, Infinity, (n) => {
        if (n === 2) throw thrown;
      });
      probe.subscribe(source);
      await ended(probe);
      expect([probe.values, probe.ended, asked]).toEqual([[0, 1], 'failed', [0, 1, 2]]);
      expect(probe.error).toBe(thrown);
    },
  );

  const bad = [
    0,
    false,
    '',
    'ab',
    5n,
    {},
    [],
    [1],
    [1, 2, 3],
    new Set([1, 2]),
    Symbol('s'),
    () => [1, 2],
    { 0: 1, 1: 2 },
  ];

  test.each(bad.map((wrong) => [wrong]))(
    'fails with a TypeError that says what is wanted if the function gives no pair (case %#)',
    async (wrong) => {
      const probe = new Probe<unknown>();
      probe.close();
      probe.open();
      probe.subscribe(unfold(0, (() => (isAsync ? Promise.resolve(wrong) : wrong)) as never));
      await ended(probe);
      expect(probe.ended).toBe('failed');
      expect(probe.error).toBeInstanceOf(TypeError);
      expect(probe.error).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(
          /^unfold\(\): "result of next" must be a pair \[value, state\], or undefined or null at the end\. Received /,
        ),
      });
    },
  );

  test('a result that cannot be looked at is an error like any other', async () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const hostile = Object.defineProperty([1, 2], 1, {
      get() {
        throw new Error('hands off');
      },
    });
    for (const [result, error] of [
      [proxy, expect.any(TypeError)],
      [hostile, new Error('hands off')],
    ]) {
      const answer = (): unknown => {
        // A promise of a proxy that was revoked rejects by itself.
        if (!isAsync || result === proxy) return result;
        return Promise.resolve(result);
      };
      const probe = new Probe<unknown>().subscribe(unfold(0, answer as never));
      await ended(probe);
      expect([probe.values, probe.error]).toEqual([[], error]);
    }
  });

  test('R-34: what a consumer throws is reported as RxJS does, and ends neither the source nor other subscribers', async () => {
    const reported: string[] = [];
    config.onUnhandledError = (error: unknown) => reported.push(String(error));
    try {
      const { source } = counting(isAsync, 5);
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

  test('R-40, R-41: after an unsubscribe at any place nothing is asked for or emitted', async () => {
    for (const place of [0, 1, 5]) {
      for (const where of ['inside next', 'while held back', 'in the function', 'in the next turn'] as const) {
        const probe = new Probe<number>();
        const { source, asked } = counting(isAsync, Infinity, (n) => {
          if (where === 'in the function' && n === place) probe.unsubscribe();
        });
        if (where === 'inside next') {
          probe.onNext = (n) => {
            if (n === place) probe.unsubscribe();
          };
        } else if (where !== 'in the function') {
          probe.allow(place);
          if (place === 0) probe.close();
        }
        probe.subscribe(source);
        if (where !== 'in the next turn') await turns(10);
        probe.unsubscribe();
        const before = [probe.values.length, asked.length];
        probe.unsubscribe();
        probe.open();
        await turns(2);
        expect([place, where, probe.values.length, asked.length]).toEqual([place, where, ...before]);
        expect(probe.ended).toBe(undefined);
      }
    }
  });

  test('R-45: retry begins again with the seed', async () => {
    let fails = 2;
    const { source, asked } = counting(isAsync, 4, (n) => {
      if (n === 2 && fails-- > 0) throw new Error('again');
    });
    expect(await all(source.pipe(retry(2)))).toEqual([0, 1, 0, 1, 0, 1, 2, 3]);
    expect(asked).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4]);
  });

  test('R-14: several share a stage in turns, and one that leaves does not hold up the others', async () => {
    const probe = new Probe<number>();
    probe.close();
    const [a, b] = [counting(isAsync, 4), counting(isAsync, 4)];
    probe.subscribe(merge(a.source, b.source.pipe(take(1)), counting(isAsync, 2).source.pipe(map((n) => n + 10))));
    for (let i = 0; i < 30 && probe.ended === undefined; i++) {
      probe.allow(1);
      await turns(1);
    }
    probe.open();
    await ended(probe);
    expect(probe.values.toSorted((x, y) => x - y)).toEqual([0, 0, 1, 2, 3, 10, 11]);
  });

  test('ends gracefully under run: it makes no further step, and what was made finishes', async () => {
    const { source, asked } = counting(isAsync);
    const results: number[] = [];
    const work = workerPool(
      async (n: number) => {
        await turns(1);
        results.push(n);
        if (n === 3) void started.shutdown();
      },
      { concurrency: 2 },
    );
    const started = run(source.pipe(work));
    const report = await started.done;
    expect([report.ended, report.abandoned]).toEqual(['quit', 0]);
    expect(results.toSorted((a, b) => a - b)).toEqual(asked);
    expect(report.stages[0]).toMatchObject({ kind: 'source', name: 'unfold', out: asked.length, held: 0 });
  });

  test('under run an endless one leaves the event loop its turns; all its subscriptions are one line of the report', async () => {
    const { source } = counting(isAsync);
    const started = run(
      source.pipe(
        take(10),
        repeat(2),
        mergeMap(() => source),
      ),
    );
    await turns(1);
    const report = await started.shutdown();
    expect(report.ended).toBe('quit');
    expect(report.stages.map(({ name }) => name)).toEqual(['unfold']);
  });

  test('R-44: makes no step in a flow whose signal has aborted, or that quits already', async () => {
    const { source, asked } = counting(isAsync, 3);
    expect((await run(source, { signal: AbortSignal.abort() }).done).ended).toBe('aborted');
    const flow = new TestFlow();
    flow.admits = false;
    new Probe<number>(flow).subscribe(source).unsubscribe();
    expect(asked).toEqual([]);
    const { signal } = new AbortController();
    expect((await run(source, { signal }).done).results).toBe(3);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('unfold', () => {
  test('R-42: sets no timer when it is told to quit by a flow that another source has ended', async () => {
    vi.useFakeTimers();
    try {
      const endless = unfold(0, () => new Promise<never>(() => {}));
      const flow = endless.pipe(takeUntil(ticker({ every: 60_000 }).pipe(endWith(0))));
      await run(flow).shutdown();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('its function may answer now at once, now with a promise', async () => {
    const source = unfold(0, (n) => {
      const step: UnfoldStep<number, number> = n < 6 ? [n, n + 1] : null;
      return n % 2 === 0 ? step : Promise.resolve(step);
    });
    expect(await all(source)).toEqual(numbers(6));
  });

  test('R-11, R-15: a value that comes through a closed gate waits; an error and the end do not', () => {
    marbles(({ expectObservable, gated }) => {
      const demand = gated<number>('---x-----o-----  ');
      const expected = '            --0------1-2-(3|)';
      const slow = unfold(0, (n) => inVirtualTime(2, n < 4 ? ([n, n + 1] as const) : undefined));
      expectObservable(slow.pipe(demand, take(4))).toBe(expected, { 0: 0, 1: 1, 2: 2, 3: 3 });
    });
    marbles(({ expectObservable, gated }) => {
      const demand = gated<number>('---x-----o');
      const expected = '            --0-|     ';
      const slow = unfold(0, (n) => inVirtualTime(2, n < 1 ? ([n, n + 1] as const) : undefined));
      expectObservable(slow.pipe(demand)).toBe(expected, { 0: 0 });
    });
    marbles(({ expectObservable, gated }) => {
      const demand = gated<number>('-x');
      const expected = '            --#';
      const failing: PromiseLike<UnfoldStep<number, number>> = {
        // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
        then(_, reject) {
          timer(2).subscribe(() => void reject?.('error'));
          return new Promise<never>(() => {});
        },
      };
      expectObservable(unfold(0, () => failing).pipe(demand)).toBe(expected);
    });
  });

  test('R-04: is silent while no answer comes, and cancels the step on unsubscribe (R-42)', async () => {
    const { source, steps } = byHand();
    const probe = new Probe<number>().subscribe(source);
    await turns(2);
    expect([probe.values, probe.ended, steps.length, steps[0]!.signal.aborted]).toEqual([[], undefined, 1, false]);
    probe.unsubscribe();
    expect(steps[0]!.signal.reason).toMatchObject({ name: 'AbortError' });
  });

  test('R-41: unsubscribing in finalize, or twice, aborts the signal once', () => {
    const aborts: unknown[] = [];
    const source = unfold<number, number>(0, (_, { signal }) => {
      signal.addEventListener('abort', (event) => aborts.push(event));
      return new Promise(() => {});
    });
    const subscription = source.pipe(finalize(() => subscription.unsubscribe())).subscribe();
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(aborts.length).toBe(1);
  });

  test('each step has a signal of its own, which aborts only if the subscription ends during that step', async () => {
    const { source, steps } = byHand();
    const probe = new Probe<number>().subscribe(source);
    steps[0]!.answer([1, 1]);
    await received(probe, 1);
    expect(steps[0]!.signal).not.toBe(steps[1]!.signal);
    probe.close();
    steps[1]!.answer([2, 2]);
    await turns(1);
    // The value has come and waits: nobody works on it any more.
    probe.unsubscribe();
    expect(steps.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    const completed = byHand();
    const other = new Probe<number>().subscribe(completed.source);
    completed.steps[0]!.answer(null);
    await ended(other);
    expect(completed.steps[0]!.signal.aborted).toBe(false);
  });

  test('a signal that is read only after the unsubscribe has aborted', async () => {
    let context: UnfoldContext | undefined;
    const source = unfold<number, number>(0, (_, its) => {
      context = its;
      return new Promise(() => {});
    });
    const probe = new Probe<number>().subscribe(source);
    probe.unsubscribe();
    expect(context?.signal.aborted).toBe(true);
  });

  test('R-41: a function that ends the subscription itself sees its signal abort, and its answer is not delivered', async () => {
    for (const answer of [[1, 1] as const, undefined, 5 as never]) {
      const seen: boolean[] = [];
      const probe = new Probe<number>();
      probe.subscribe(
        unfold<number, number>(0, (_, { signal }) => {
          probe.unsubscribe();
          seen.push(signal.aborted);
          return answer;
        }),
      );
      expect([seen, probe.values, probe.ended]).toEqual([[true], [], undefined]);
    }
    const throws = new Probe<number>();
    throws.subscribe(
      unfold<number, number>(0, () => {
        throws.unsubscribe();
        throw new Error('after that');
      }),
    );
    await turns(1);
    expect([throws.ended, late.splice(0)]).toEqual([undefined, [[new Error('after that'), 'unfold']]]);
  });

  test('R-43: what comes after an unsubscribe is dropped if it is a value or about the abort, and reported otherwise', async () => {
    const outcomes: [(step: ReturnType<typeof byHand>['steps'][0]) => void, unknown[]][] = [
      [({ answer }) => answer([1, 1]), []],
      [({ answer }) => answer(undefined), []],
      [({ answer }) => answer(5 as never), []],
      [({ fail, signal }) => fail(signal.reason), []],
      [({ fail }) => fail(new DOMException('stopped', 'AbortError')), []],
      [({ fail }) => fail('disk full'), ['disk full']],
      [({ fail }) => fail(undefined), [undefined]],
    ];
    for (const [settle, reported] of outcomes) {
      const { source, steps } = byHand();
      const probe = new Probe<number>().subscribe(source);
      probe.unsubscribe();
      settle(steps[0]!);
      await turns(2);
      expect([probe.values, probe.ended]).toEqual([[], undefined]);
      expect(late.splice(0)).toEqual(reported.map((error) => [error, 'unfold']));
    }
    const flow = new TestFlow();
    const { source, steps } = byHand();
    new Probe<number>(flow).subscribe(source).unsubscribe();
    steps[0]!.fail('too late');
    await turns(2);
    expect(flow.lateErrors).toEqual([{ error: 'too late', stage: 'unfold' }]);
  });

  test('R-22: a million values at once, and 100,000 from promises that answer at once, do not grow the stack', () => {
    let count = 0;
    unfold(0, (n) => (n < 1_000_000 ? [n, n + 1] : undefined)).subscribe(() => count++);
    expect(count).toBe(1_000_000);
    count = 0;
    unfold(0, (n) => atOnce(n < 100_000 ? ([n, n + 1] as const) : undefined)).subscribe(() => count++);
    expect(count).toBe(100_000);
  }, 60_000);

  test('counts the value that it holds, and what it gave up', async () => {
    const flow = new TestFlow();
    const { source, steps } = byHand();
    const probe = new Probe<number>(flow).subscribe(source);
    probe.close();
    steps[0]!.answer([1, 1]);
    await turns(1);
    const node = flow.node('unfold');
    flow.check();
    expect([node.held, steps.length]).toEqual([1, 1]);
    probe.unsubscribe();
    expect([node.held, node.telemetry.abandoned, node.telemetry.out, flow.live.size]).toEqual([0, 1, 0, 0]);
  });

  test('under run tells apart the time it works from the time it is held back', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.allow(2);
    probe.subscribe(counting(false, 3).source);
    probe.open();
    const { telemetry } = flow.node('unfold');
    expect([telemetry.out, flow.spent, flow.live.size]).toEqual([3, 3, 0]);
    expect([telemetry.work!.durations.count, telemetry.heldBack!.durations.count]).toEqual([4, 1]);
  });

  describe('that is told to quit', () => {
    test('lets the value come that is under way, and completes', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(7).subscribe(() => quit(flow));
        expectObservable(slowText(5).pipe(probe.operator())).toBe('-----0----(1|)');
      });
    });

    test('completes at once while it waits only for the gate', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        probe.allow(1);
        timer(7).subscribe(() => quit(flow));
        expectObservable(slowText(5).pipe(probe.operator())).toBe('-----0-|');
      });
    });

    test('has a patience of 40 ms with a value that does not come, and then aborts its step', () => {
      const signals: AbortSignal[] = [];
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(10).subscribe(() => quit(flow));
        const never = unfold<number, string>(0, (_, { signal }) => {
          signals.push(signal);
          return new Promise(() => {});
        });
        expectObservable(never.pipe(probe.operator())).toBe('50ms |');
      });
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    });

    test('keeps a value that has come until the gate opens, however long that takes', () => {
      marbles(({ expectObservable }) => {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow);
        timer(6).subscribe(() => probe.close());
        timer(7).subscribe(() => quit(flow));
        timer(100).subscribe(() => probe.open());
        expectObservable(slowText(5).pipe(probe.operator())).toBe('-----0 94ms (1|)');
      });
    });

    test('from within its function sends what that gives, and completes', () => {
      const flow = new TestFlow();
      const probe = new Probe<number>(flow);
      probe.subscribe(
        unfold(0, (n) => {
          if (n === 2) quit(flow);
          return [n, n + 1];
        }),
      );
      expect([probe.values, probe.ended]).toEqual([[0, 1, 2], 'completed']);
    });

    test('leaves no timer behind when it ends by itself first', () => {
      vi.useFakeTimers();
      try {
        const flow = new TestFlow();
        const probe = new Probe<string>(flow).subscribe(unfold<number, string>(0, () => new Promise(() => {})));
        quit(flow);
        expect(vi.getTimerCount()).toBe(1);
        probe.unsubscribe();
        expect(vi.getTimerCount()).toBe(0);
      } finally {
        vi.useRealTimers();
      }
    });
  });

  test('refuses at the call what is no function', () => {
    for (const [value, type, code] of badFunctions) {
      const error = thrownBy(() => unfold(0, value as never));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'next', received: value });
      expect((error as Error).message).toMatch(/^unfold\(\): "next" must be a function\. Received /);
    }
  });

  test('infers its types', async () => {
    expectTypeOf(unfold(0, (n) => (n > 3 ? undefined : [String(n), n + 1]))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(unfold(0, async (n) => (n > 3 ? null : [n, n + 1]))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(unfold('', (text, { signal }) => [signal, text])).toEqualTypeOf<Observable<AbortSignal>>();
    // @ts-expect-error the state that a step gives must be such as the next step takes
    unfold(0, (n: number) => [n, 'text']);
    // @ts-expect-error a value alone is no step
    unfold(0, (n: number) => n + 1);
    // @ts-expect-error the function is required
    expect(() => unfold(0)).toThrow(TypeError);
    expect(await firstValueFrom(unfold(7, (n) => [n, n]))).toBe(7);
  });
});
