import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import {
  Observable,
  asyncScheduler,
  catchError,
  config,
  defaultIfEmpty,
  finalize,
  lastValueFrom,
  map,
  mergeMap,
  of,
  range,
  repeat,
  retry,
  share,
  switchMap,
  take,
  takeUntil,
  timeout,
  timer,
  toArray,
} from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { run } from '../../src/observe/run.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { abortable } from '../../src/sources/abortable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { badFunctions, thrownBy } from '../operators/badOptions.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { watchLateErrors } from '../core/watchLateErrors.ts';
import { ended, turns } from './events.ts';

const { late } = watchLateErrors();

/** A promise in virtual time, which promises of the language know nothing of. */
function inVirtualTime<T>(frames: number, outcome: { value: T } | { error: unknown }): PromiseLike<T> {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
    then(resolve, reject) {
      timer(frames).subscribe(() => void ('value' in outcome ? resolve?.(outcome.value) : reject?.(outcome.error)));
      return new Promise<never>(() => {});
    },
  };
}

const nameOf = (error: Error): Observable<string> => of(error.name);

/** A promise to be settled by hand. */
function deferred<T>() {
  let [resolve, reject]: [(value: T) => void, (error: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

type Word = (resolve: (n: number) => void, reject: (error: unknown) => void) => void;

/** A hand-written promise that says all this at once. */
const saying = (...words: Word[]): PromiseLike<number> => ({
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
  then(resolve, reject) {
    for (const word of words) {
      word(
        (n) => void resolve?.(n),
        (error) => void reject?.(error),
      );
    }
    return new Promise<never>(() => {});
  },
});

function throwing(): never {
  throw new Error('from then');
}

/** What a subscriber hears of an abortable that gives `promise`. */
function outcomeOf(promise: PromiseLike<number>): unknown[] {
  const probe = new Probe<number>().subscribe(abortable(() => promise));
  return [...probe.values, probe.ended, probe.error];
}

/** An abortable whose calls are settled by hand, and which rejects when it is aborted, as `fetch` does. */
function calls() {
  const made: (ReturnType<typeof deferred<number>> & { signal: AbortSignal })[] = [];
  const source = abortable((signal) => {
    const call = { ...deferred<number>(), signal };
    made.push(call);
    signal.addEventListener('abort', () => call.reject(signal.reason));
    return call.promise;
  });
  return { source, made };
}

describe('abortable', () => {
  test('does what the diagram in its comment says', () => {
    const aborted: number[] = [];
    const work = (signal: AbortSignal): PromiseLike<string> => {
      signal.addEventListener('abort', () => aborted.push(asyncScheduler.now()));
      return inVirtualTime(3, { value: 'a' });
    };
    marbles(({ expectObservable }) => {
      const unsub = '   -!    ';
      const expected = '---(a|)';
      expectObservable(abortable(work)).toBe(expected);
      expectObservable(abortable(work), unsub).toBe('-----');
    });
    expect(aborted).toEqual([1]);
  });

  test('R-01: calls nothing before subscribe, and R-05: anew for each subscription, with a signal of its own', async () => {
    const signals: AbortSignal[] = [];
    let n = 0;
    const source = abortable(async (signal) => {
      signals.push(signal);
      return n++;
    });
    await turn();
    expect(signals).toEqual([]);
    expect(await Promise.all([lastValueFrom(source), lastValueFrom(source)])).toEqual([0, 1]);
    expect(await lastValueFrom(source)).toBe(2);
    expect(new Set(signals).size).toBe(3);
  });

  test('R-03, R-04: gives undefined like any value, and is silent for a promise that never settles', async () => {
    const probe = new Probe<unknown>().subscribe(abortable(() => undefined));
    expect([probe.values, probe.ended]).toEqual([[undefined], 'completed']);
    const { source, made } = calls();
    const silent = new Probe<number>().subscribe(source);
    await turns(3);
    expect([silent.values, silent.ended]).toEqual([[], undefined]);
    silent.unsubscribe();
    expect(made[0]!.signal.aborted).toBe(true);
  });

  test.each([undefined, null, 0, -0, '', Number.NaN, false, 0n, [1, 2], 'text'])(
    'R-06: gives %o unchanged, from a promise or as it is',
    async (value) => {
      const plain = new Probe<unknown>().subscribe(abortable(() => value));
      const promised = new Probe<unknown>().subscribe(abortable(async () => value));
      await ended(promised);
      for (const probe of [plain, promised]) {
        expect(probe.values.length).toBe(1);
        expect(Object.is(probe.values[0], value)).toBe(true);
      }
    },
  );

  test('R-07, R-08: under stock mergeMap the end comes after all results', async () => {
    const source = range(0, 5).pipe(mergeMap((n) => abortable(async () => n)));
    expect(await lastValueFrom(source.pipe(toArray()))).toEqual([0, 1, 2, 3, 4]);
  });

  describe('and the gate below it', () => {
    test('R-10: calls nothing while it is closed', () => {
      const fn = vi.fn(() => 1);
      const probe = new Probe<number>();
      probe.close();
      probe.subscribe(abortable(fn));
      expect(fn).not.toHaveBeenCalled();
      probe.open();
      expect([probe.values, probe.ended, fn.mock.calls.length]).toEqual([[1], 'completed', 1]);
    });

    test('R-11: keeps the value if it closes during the call, and completes after it', () => {
      marbles(({ expectObservable, gated }) => {
        const demand = gated<string>('-x----o    ');
        const expected = '            ------(a|)';
        const source = abortable(() => inVirtualTime(3, { value: 'a' }));
        expectObservable(source.pipe(demand)).toBe(expected);
      });
    });

    test('R-15: an error passes it at once', () => {
      marbles(({ expectObservable, gated }) => {
        const demand = gated<string>('-x-o');
        const expected = '            --# ';
        const source = abortable(() => inVirtualTime<string>(2, { error: 'error' }));
        expectObservable(source.pipe(demand)).toBe(expected);
      });
    });

    test('R-12, R-13: however often it opens and closes, the function is called once and the value comes once', async () => {
      const { source, made } = calls();
      const probe = new Probe<number>();
      probe.subscribe(source);
      for (let i = 0; i < 3; i++) {
        probe.close();
        probe.open();
        probe.open();
      }
      probe.close();
      made[0]!.resolve(7);
      await turn();
      expect([made.length, probe.values, probe.ended]).toEqual([1, [], undefined]);
      probe.open();
      probe.open();
      expect([probe.values, probe.ended]).toEqual([[7], 'completed']);
    });

    test('R-16: as the inner of a stage, its value waits in its own place', async () => {
      const probe = new Probe<number>();
      const started: number[] = [];
      const pool = workerPool(
        (n: number) =>
          abortable(() => {
            started.push(n);
            return n;
          }),
        { concurrency: 2, capacity: 1 },
      );
      probe.allow(1);
      probe.subscribe(of(1, 2).pipe(pool));
      expect([probe.values, started]).toEqual([[1], [1]]);
      probe.open();
      expect([probe.values, started]).toEqual([
        [1, 2],
        [1, 2],
      ]);
    });

    test('counts the value that it holds, and what it gave up', async () => {
      const flow = new TestFlow();
      const { source, made } = calls();
      const probe = new Probe<number>(flow).subscribe(source);
      probe.close();
      made[0]!.resolve(1);
      await turn();
      const node = flow.node('abortable');
      flow.check();
      expect(node.held).toBe(1);
      probe.unsubscribe();
      flow.check();
      expect([node.held, node.telemetry.abandoned, node.telemetry.out, flow.live.size]).toEqual([0, 1, 0, 0]);
      // It had settled: whoever gave the answer is not told to stop.
      expect(made[0]!.signal.aborted).toBe(false);
    });
  });

  describe('R-30, R-33: errors', () => {
    const thrown = [undefined, null, 0, 'text', { a: 1 }, Object.freeze(new Error('frozen'))];

    test.each(thrown)('what the function throws is the error: %o', (error) => {
      const probe = new Probe<number>().subscribe(
        abortable(() => {
          throw error;
        }),
      );
      expect(probe.ended).toBe('failed');
      expect(probe.error).toBe(error);
    });

    test.each(thrown)('what the promise rejects with is the error: %o', async (error) => {
      const signals: AbortSignal[] = [];
      const probe = new Probe<number>().subscribe(
        abortable(async (signal) => {
          signals.push(signal);
          throw error;
        }),
      );
      await ended(probe);
      expect(probe.ended).toBe('failed');
      expect(probe.error).toBe(error);
      expect(signals[0]!.aborted).toBe(false);
    });

    test('R-02: a hand-written promise may answer at once, twice, or throw: the first word counts', () => {
      expect(outcomeOf(saying((yes) => yes(1)))).toEqual([1, 'completed', undefined]);
      expect(
        outcomeOf(
          saying(
            (yes) => yes(1),
            (yes) => yes(2),
            (_, no) => no('x'),
            throwing,
          ),
        ),
      ).toEqual([1, 'completed', undefined]);
      expect(
        outcomeOf(
          saying(
            (_, no) => no('x'),
            (yes) => yes(1),
          ),
        ),
      ).toEqual(['failed', 'x']);
      expect(outcomeOf(saying(throwing))).toEqual(['failed', new Error('from then')]);
    });

    test('a result that cannot be looked at is an error like any other', () => {
      const hostile = {
        // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
        get then(): never {
          throw new Error('hands off');
        },
      };
      const probe = new Probe<unknown>().subscribe(abortable(() => hostile));
      expect(probe.error).toEqual(new Error('hands off'));
    });
  });

  test('R-21: unsubscribe, close and open inside next do no harm', async () => {
    for (const act of ['unsubscribe', 'close', 'open'] as const) {
      const probe = new Probe<number>();
      probe.onNext = () => probe[act]();
      probe.subscribe(abortable(async () => 1));
      await turns(1);
      expect([act, probe.values, probe.ended]).toEqual([act, [1], act === 'unsubscribe' ? undefined : 'completed']);
    }
  });

  test('R-22: 100,000 calls in a row that answer at once do not grow the stack', () => {
    let count = 0;
    const pool = workerPool(() => abortable(() => 1), { concurrency: 1 });
    range(0, 100_000)
      .pipe(pool)
      .subscribe((n) => (count += n));
    expect(count).toBe(100_000);
  }, 60_000);

  test('R-34: what a consumer throws is reported as RxJS does, and is no answer of the call', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error: unknown) => reported.push(error);
    try {
      abortable(async () => 1).subscribe(() => {
        throw new Error('consumer');
      });
      await vi.waitUntil(() => reported.length > 0);
      expect(reported).toEqual([new Error('consumer')]);
    } finally {
      config.onUnhandledError = null;
    }
  });

  describe('its signal', () => {
    test('R-42: aborts in the same call as the unsubscribe, with an AbortError', () => {
      const { source, made } = calls();
      const probe = new Probe<number>().subscribe(source);
      expect(made[0]!.signal.aborted).toBe(false);
      probe.unsubscribe();
      expect(made[0]!.signal.reason).toMatchObject({ name: 'AbortError' });
    });

    test('R-41: aborts once, however often the subscription is ended, and also from within finalize', () => {
      const aborts: unknown[] = [];
      const source = abortable((signal) => {
        signal.addEventListener('abort', (event) => aborts.push(event));
        return new Promise(() => {});
      });
      const subscription = source.pipe(finalize(() => subscription.unsubscribe())).subscribe();
      subscription.unsubscribe();
      subscription.unsubscribe();
      expect(aborts.length).toBe(1);
    });

    test('R-41: has aborted when the function itself ends the subscription', async () => {
      const seen: boolean[] = [];
      const probe = new Probe<number>();
      probe.subscribe(
        abortable(async (signal) => {
          probe.unsubscribe();
          seen.push(signal.aborted);
          throw signal.reason;
        }),
      );
      await turns(2);
      expect([seen, probe.values, probe.ended]).toEqual([[true], [], undefined]);
      const other = new Probe<number>();
      other.subscribe(
        abortable(() => {
          other.unsubscribe();
          return 1;
        }),
      );
      expect([other.values, other.ended]).toEqual([[], undefined]);
    });

    test('does not abort once the promise has settled', async () => {
      const { source, made } = calls();
      const probe = new Probe<number>().subscribe(source);
      made[0]!.resolve(1);
      await ended(probe);
      probe.unsubscribe();
      const failed = new Probe<number>().subscribe(source);
      made[1]!.reject('no');
      await ended(failed);
      failed.unsubscribe();
      expect(made.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    });

    test('aborts by stock timeout, at the very frame', () => {
      const aborted: number[] = [];
      marbles(({ expectObservable }) => {
        const source = abortable((signal) => {
          signal.addEventListener('abort', () => aborted.push(asyncScheduler.now()));
          return inVirtualTime(9, { value: 'a' });
        });
        expectObservable(source.pipe(timeout(4), catchError(nameOf))).toBe('----(a|)', { a: 'TimeoutError' });
      });
      expect(aborted).toEqual([4]);
    });

    test('aborts by stock takeUntil', () => {
      marbles(({ cold, expectObservable }) => {
        let signal: AbortSignal | undefined;
        const source = abortable((its) => {
          signal = its;
          return inVirtualTime(9, { value: 'a' });
        });
        expectObservable(source.pipe(takeUntil(cold('---x')))).toBe('---|');
        timer(20).subscribe(() => expect(signal?.aborted).toBe(true));
      });
    });

    test('aborts by stock switchMap: of three requests only the last goes on', () => {
      marbles(({ hot, expectObservable }) => {
        const aborted: string[] = [];
        const request = (id: string) =>
          abortable((signal) => {
            signal.addEventListener('abort', () => aborted.push(id));
            return inVirtualTime(4, { value: id });
          });
        const source = '  a-b-c------|';
        const expected = '--------c--|';
        expectObservable(hot(source).pipe(switchMap(request))).toBe(expected);
        timer(20).subscribe(() => expect(aborted).toEqual(['a', 'b']));
      });
    });

    test('aborts when the last subscriber of a shared one leaves, not before', () => {
      const { source, made } = calls();
      const shared = source.pipe(share());
      const [first, second] = [shared.subscribe(), shared.subscribe()];
      first.unsubscribe();
      expect(made.map(({ signal }) => signal.aborted)).toEqual([false]);
      second.unsubscribe();
      expect(made.map(({ signal }) => signal.aborted)).toEqual([true]);
    });

    test('R-45: aborts for a hand-written Observable around it', () => {
      const { source, made } = calls();
      new Observable<number>((subscriber) => source.subscribe(subscriber)).subscribe().unsubscribe();
      expect(made[0]!.signal.aborted).toBe(true);
    });

    test('R-42: keeps no listener of ours', async () => {
      let signal: AbortSignal | undefined;
      await lastValueFrom(
        abortable(async (its) => {
          signal = its;
          expect(getEventListeners(its, 'abort')).toEqual([]);
        }),
      );
      expect(getEventListeners(signal!, 'abort')).toEqual([]);
    });
  });

  describe('with stock retry and repeat', () => {
    test('tries again, each time with a new signal', () => {
      marbles(({ expectObservable }) => {
        const signals: AbortSignal[] = [];
        const source = abortable((signal) => {
          signals.push(signal);
          return inVirtualTime(2, signals.length < 3 ? { error: 'error' } : { value: 'a' });
        });
        const expected = '------(a|)';
        expectObservable(source.pipe(retry(2))).toBe(expected);
        timer(20).subscribe(() => {
          expect(new Set(signals).size).toBe(3);
          expect(signals.filter(({ aborted }) => aborted)).toEqual([]);
        });
      });
    });

    test('R-41: cancels a try that timed out before the next begins, and the wait between tries', () => {
      marbles(({ expectObservable }) => {
        const log: string[] = [];
        const source = abortable((signal) => {
          const n = log.filter((line) => line.startsWith('call')).length;
          log.push(`call ${n}`);
          signal.addEventListener('abort', () => log.push(`abort ${n}`));
          return inVirtualTime(n < 2 ? 9 : 2, { value: 'a' });
        });
        const expected = '----------(a|)';
        // 3 until the timeout, 1 of delay; twice; then 2.
        expectObservable(source.pipe(timeout(3), retry({ count: 2, delay: 1 }))).toBe(expected);
        timer(30).subscribe(() => expect(log).toEqual(['call 0', 'abort 0', 'call 1', 'abort 1', 'call 2']));

        let tries = 0;
        const failing = abortable(() => {
          tries++;
          return inVirtualTime(1, { error: 'error' });
        });
        expectObservable(failing.pipe(retry({ delay: 5 })), '--------!').toBe('');
        timer(30).subscribe(() => expect(tries).toBe(2));
      });
    });

    test('repeats, each time with a new call, and waits for the gate before each', () => {
      marbles(({ expectObservable }) => {
        let n = 0;
        const source = abortable(() => inVirtualTime(2, { value: n++ }));
        expectObservable(source.pipe(repeat(3))).toBe('--a-b-(c|)', { a: 0, b: 1, c: 2 });
      });
      marbles(({ expectObservable, gated }) => {
        let n = 0;
        const source = abortable(() => inVirtualTime(2, { value: n++ }));
        const demand = gated<number>('---x----o---- ');
        const expected = '            --a-----b-(c|)';
        // The second call is under way when the gate closes; the third begins when it has opened.
        expectObservable(source.pipe(repeat(3), demand)).toBe(expected, { a: 0, b: 1, c: 2 });
      });
    });
  });

  describe('R-43: what the promise says after an unsubscribe', () => {
    test('is dropped if it is a value', async () => {
      const flow = new TestFlow();
      const { promise, resolve } = deferred<number>();
      const probe = new Probe<number>(flow).subscribe(abortable(() => promise));
      probe.unsubscribe();
      resolve(1);
      await turns(2);
      expect([probe.values, probe.ended, flow.node('abortable').held]).toEqual([[], undefined, 0]);
    });

    test('is not news if it says that the call was aborted', async () => {
      const errors = [
        (signal: AbortSignal): unknown => signal.reason,
        () => new DOMException('aborted', 'AbortError'),
        () => Object.assign(new Error('aborted'), { name: 'AbortError' }),
      ];
      for (const error of errors) {
        const { promise, reject } = deferred<number>();
        const probe = new Probe<number>().subscribe(
          abortable((signal) => {
            signal.addEventListener('abort', () => reject(error(signal)));
            return promise;
          }),
        );
        probe.unsubscribe();
      }
      await turns(2);
      expect(late).toEqual([]);
    });

    test.each([new Error('disk full'), undefined, null, 'text', { name: 'Error' }])(
      'goes to hooks.lateError if it is any other error: %o',
      async (error) => {
        const { promise, reject } = deferred<number>();
        const probe = new Probe<number>().subscribe(abortable(() => promise));
        probe.unsubscribe();
        reject(error);
        await turns(2);
        expect(late.splice(0)).toEqual([[error, 'abortable']]);
      },
    );

    test('goes to hooks.lateError if it is an error that cannot be looked at', async () => {
      const { promise, reject } = deferred<number>();
      new Probe<number>().subscribe(abortable(() => promise)).unsubscribe();
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      reject(proxy);
      await turns(2);
      expect(late.splice(0).length).toBe(1);
    });

    test('is an error of the flow, if there is one', async () => {
      const flow = new TestFlow();
      const { promise, reject } = deferred<number>();
      new Probe<number>(flow).subscribe(abortable(() => promise)).unsubscribe();
      reject('too late');
      await turns(2);
      expect(flow.lateErrors).toEqual([{ error: 'too late', stage: 'abortable' }]);
    });

    test('is reported too if the function ends the subscription and throws', async () => {
      const probe = new Probe<number>();
      probe.subscribe(
        abortable(() => {
          probe.unsubscribe();
          throw new Error('after that');
        }),
      );
      await turns(2);
      expect([probe.ended, late.splice(0)]).toEqual([undefined, [[new Error('after that'), 'abortable']]]);
    });

    test('R-40: is not delivered when it had settled, but the microtask came after the unsubscribe', async () => {
      const { promise, resolve } = deferred<number>();
      const probe = new Probe<number>().subscribe(abortable(() => promise));
      resolve(1);
      probe.unsubscribe();
      await turns(2);
      expect(probe.values).toEqual([]);
    });
  });

  describe('under run', () => {
    test('a call that runs when the flow is told to quit may finish', async () => {
      const { source, made } = calls();
      const values: number[] = [];
      const started = run(source.pipe(map((n) => values.push(n))));
      const done = started.shutdown();
      await turns(2);
      made[0]!.resolve(5);
      const report = await done;
      expect([report.ended, values, made[0]!.signal.aborted]).toEqual(['quit', [5], false]);
      expect(report.stages).toMatchObject([{ name: 'abortable', kind: 'source', out: 1, held: 0, abandoned: 0 }]);
    });

    test('one that does not finish within the grace is aborted', async () => {
      const { source, made } = calls();
      const started = run(source, { grace: 20 });
      const report = await started.shutdown();
      expect([report.ended, made[0]!.signal.aborted]).toEqual(['aborted', true]);
    });

    test('one that has not been made is not made', () => {
      const flow = new TestFlow();
      const fn = vi.fn(() => 1);
      const probe = new Probe<number>(flow);
      probe.close();
      probe.subscribe(abortable(fn));
      for (const node of flow.live) node.quit();
      probe.open();
      expect([probe.values, probe.ended, fn.mock.calls.length, flow.live.size]).toEqual([[], 'completed', 0, 0]);
    });

    test('a value that waits for the gate is still sent', async () => {
      const flow = new TestFlow();
      const { source, made } = calls();
      const probe = new Probe<number>(flow).subscribe(source);
      probe.close();
      made[0]!.resolve(1);
      await turn();
      for (const node of flow.live) node.quit();
      expect(probe.ended).toBe(undefined);
      probe.open();
      expect([probe.values, probe.ended]).toEqual([[1], 'completed']);
    });

    test('R-44: nothing is called in a flow whose signal has aborted; one that aborts later cancels the call', async () => {
      const fn = vi.fn(() => 1);
      await run(abortable(fn), { signal: AbortSignal.abort() }).done;
      expect(fn).not.toHaveBeenCalled();
      const { source, made } = calls();
      const controller = new AbortController();
      const { done } = run(source, { signal: controller.signal });
      controller.abort();
      await done;
      expect(made[0]!.signal.aborted).toBe(true);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    });

    test('all its calls are one line of the report', async () => {
      const source = abortable(async () => 1);
      const report = await run(source.pipe(repeat(3))).done;
      expect(report.stages).toMatchObject([{ name: 'abortable', out: 3 }]);
      expect(report.stages.length).toBe(1);
    });

    test('a flow that quits already calls nothing', () => {
      const flow = new TestFlow();
      flow.admits = false;
      const fn = vi.fn(() => 1);
      const probe = new Probe<number>(flow).subscribe(abortable(fn));
      expect(fn).not.toHaveBeenCalled();
      probe.unsubscribe();
    });
  });

  test('refuses at the call what is no function', () => {
    for (const [value, type, code] of badFunctions) {
      const error = thrownBy(() => abortable(value as never));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'fn', received: value });
      expect((error as Error).message).toMatch(/^abortable\(\): "fn" must be a function\. Received /);
    }
  });

  test('infers its type', async () => {
    expectTypeOf(abortable(async () => 1)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(abortable(() => 'text')).toEqualTypeOf<Observable<string>>();
    expectTypeOf(abortable((signal) => Promise.resolve(signal))).toEqualTypeOf<Observable<AbortSignal>>();
    expectTypeOf(abortable(() => [1, 2])).toEqualTypeOf<Observable<number[]>>();
    // @ts-expect-error a promise is no function: it would run before anybody subscribes
    expect(() => abortable(Promise.resolve(1))).toThrow(TypeError);
    const some = abortable(async () => 1).pipe(take(1), defaultIfEmpty('none'));
    expectTypeOf(some).toEqualTypeOf<Observable<number | string>>();
    expect(await lastValueFrom(some)).toBe(1);
  });
});
