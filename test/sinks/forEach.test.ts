import { setImmediate as turn } from 'node:timers/promises';
import {
  BehaviorSubject,
  EMPTY,
  NEVER,
  Observable,
  Subject,
  asyncScheduler,
  delay,
  from,
  lastValueFrom,
  of,
  tap,
  throwError,
  timer,
  type OperatorFunction,
} from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Limit } from '../../src/core/limit.ts';
import type { DeadLetterTarget, StageOptions } from '../../src/core/options.ts';
import type { ItemContext } from '../../src/core/slot.ts';
import { hooks } from '../../src/core/hooks.ts';
import { run } from '../../src/observe/run.ts';
import { forEach, type ForEachBatchOptions } from '../../src/sinks/forEach.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { fixedLimit } from '../../src/sync/limits/fixedLimit.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';

const settle = (flow: Observable<never>): Promise<undefined> => lastValueFrom(flow, { defaultValue: undefined });

function* numbers(end: number) {
  for (let n = 0; n < end; n++) yield n;
}

/** A promise of some other library. */
class Thenable {
  readonly #work: () => void;

  constructor(work: () => void) {
    this.#work = work;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is
  then(done: () => void): void {
    setImmediate(() => {
      this.#work();
      done();
    });
  }
}

/** A limit that is set by hand and counts what it is told of. */
class Dial extends Limit {
  ends = 0;

  constructor() {
    super(2);
  }

  set(limit: number): void {
    this.current = limit;
  }

  override ended(): void {
    this.ends++;
  }
}

/** Begins work on ten items, none of which ends by itself. */
function ten(concurrency: StageOptions<number>['concurrency']) {
  const begun: Subject<void>[] = [];
  const work = (): Observable<void> => {
    const output = new Subject<void>();
    begun.push(output);
    return output;
  };
  const probe = new Probe<never>().subscribe(fromIterable(numbers(10)).pipe(forEach(work, { concurrency })));
  const end = (count: number): void => {
    for (const output of begun.filter((it) => it.observed).slice(0, count)) output.complete();
  };
  return { begun, end, probe };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('forEach', () => {
  test('calls the function with each item, emits nothing, and completes when all work is done', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const source = cold(' a--b--c|            ');
      const subs = '        ^------!            ';
      const expected = '    ------------|       ';
      const begun: [item: string, frame: number][] = [];
      const work = (item: string): Observable<number> => {
        begun.push([item, asyncScheduler.now()]);
        return timer(4);
      };
      expectObservable(source.pipe(forEach(work))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      flush();
      const start = begun[0]![1];
      expect(begun.map(([item, frame]) => [item, frame - start])).toEqual([
        ['a', 0],
        ['b', 4],
        ['c', 8],
      ]);
    });
  });

  test('waits for promises, other thenables, Observables and async iterables, and for nothing else', async () => {
    const log: unknown[] = [];
    const outputs: Record<string, () => unknown> = {
      promise: () => turn().then(() => log.push('promise')),
      thenable: () => new Thenable(() => log.push('thenable')),
      observable: () =>
        of(1, 2).pipe(
          delay(1),
          tap((n) => log.push(`observable ${n}`)),
        ),
      synchronous: () => of(1, 2).pipe(tap((n) => log.push(`synchronous ${n}`))),
      empty: () => EMPTY,
      generator: async function* () {
        yield 1;
        await turn();
        log.push('generator');
      },
      array: () => [NEVER],
      string: () => 'text',
      nothing: () => undefined,
      null: () => null,
      function: () => () => log.push('never called'),
    };
    await settle(
      fromIterable(Object.keys(outputs)).pipe(
        forEach((name) => {
          log.push(name);
          return outputs[name]!();
        }),
      ),
    );
    const rest = ['empty', 'generator', 'generator', 'array', 'string', 'nothing', 'null', 'function'];
    expect(log).toEqual(
      ['promise', 'promise', 'thenable', 'thenable', 'observable', 'observable 1', 'observable 2'].concat(
        ['synchronous', 'synchronous 1', 'synchronous 2'],
        rest,
      ),
    );
  });

  test('R-03 completes with an empty source, and R-04 is silent with one that never says anything', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(forEach(() => {}))).toBe('--|');
      expectObservable(cold('---').pipe(forEach(() => {})), '-----!').toBe('-----');
    });
  });

  test('R-06 R-01 R-05 takes falsy items as they are, anew for each subscription, and nothing before', async () => {
    const items = [undefined, null, 0, '', NaN, false, -0, 0n];
    const seen: unknown[] = [];
    const flow = fromIterable(items).pipe(forEach((item) => seen.push(item)));
    expect(seen).toEqual([]);
    await settle(flow);
    await settle(flow);
    expect(seen).toEqual([...items, ...items]);
  });

  test('tells the function the index, the stage and a signal', async () => {
    const seen: unknown[] = [];
    async function save(item: string, { index, stage, attempt, signal }: ItemContext) {
      seen.push([item, index, stage, attempt, signal.aborted]);
    }
    await settle(fromIterable(['a', 'b']).pipe(forEach(save)));
    await settle(fromIterable(['c']).pipe(forEach(save, { name: 'rows' })));
    expect(seen).toEqual([
      ['a', 0, 'save', 1, false],
      ['b', 1, 'save', 1, false],
      ['c', 0, 'rows', 1, false],
    ]);
  });

  test('R-24 runs no more than "concurrency" at once, and that many', async () => {
    for (const concurrency of [1, 2, 7, Infinity]) {
      let running = 0;
      let most = 0;
      await settle(
        fromIterable(numbers(50)).pipe(
          forEach(
            async (n) => {
              most = Math.max(most, ++running);
              for (let i = 0; i <= n % 3; i++) await turn();
              running--;
            },
            { concurrency },
          ),
        ),
      );
      expect(most).toBe(Math.min(concurrency, 50));
      expect(running).toBe(0);
    }
  });

  test('R-24 runs as many as an Observable says, and another number when that says so', () => {
    const limit$ = new BehaviorSubject(2);
    const { begun, end, probe } = ten(limit$);
    expect(begun.length).toBe(2);
    limit$.next(4);
    expect(begun.length).toBe(4);
    limit$.next(1);
    end(3);
    expect(begun.length).toBe(4);
    end(1);
    expect(begun.length).toBe(5);
    limit$.next(Infinity);
    expect(begun.length).toBe(10);
    end(10);
    expect(probe.ended).toBe('completed');
    expect(limit$.observed).toBe(false);
  });

  test('R-24 runs as many as a Limit says, and tells it of each item that has ended', () => {
    const limit = new Dial();
    const { begun, end, probe } = ten(limit);
    expect(begun.length).toBe(2);
    limit.set(3);
    expect(begun.length).toBe(3);
    limit.set(1);
    end(2);
    expect([begun.length, limit.ends]).toEqual([3, 2]);
    end(1);
    expect([begun.length, limit.ends]).toEqual([4, 3]);
    limit.set(10);
    end(10);
    expect([begun.length, limit.ends, probe.ended]).toEqual([10, 10, 'completed']);

    const fixed = ten(fixedLimit(2));
    fixed.end(1);
    expect(fixed.begun.length).toBe(3);
    fixed.probe.unsubscribe();
    expect(fixed.begun.filter(({ observed }) => observed)).toEqual([]);
  });

  test('R-10 holds its source back at "concurrency" and "capacity" together', async () => {
    const flow = new TestFlow();
    const finish: (() => void)[] = [];
    let pulled = 0;
    const source = fromIterable(function* () {
      while (pulled < 20) yield pulled++;
    });
    const probe = new Probe<never>(flow).subscribe(
      source.pipe(
        forEach(() => new Promise<void>((resolve) => finish.push(resolve)), { name: 'f', concurrency: 2, capacity: 3 }),
      ),
    );
    for (let done = 0; done < 20; done++) {
      expect(pulled).toBe(Math.min(done + 5, 20));
      expect(finish).toHaveLength(Math.min(done + 2, 20));
      finish[done]!();
      await turn();
    }
    expect(probe.ended).toBe('completed');
    expect(probe.values).toEqual([]);
    flow.check();
    expect(flow.node('f').telemetry).toMatchObject({ in: 20, out: 0, completed: 20, peak: 5 });
    expect(flow.live.size).toBe(0);
  });

  test('R-22 takes a hundred thousand items that end synchronously, at any concurrency', async () => {
    for (const concurrency of [1, 2, 16]) {
      for (const work of [() => {}, () => EMPTY, () => of(1)]) {
        let count = 0;
        await settle(
          fromIterable(numbers(100_000)).pipe(
            forEach(
              () => {
                count++;
                return work();
              },
              { concurrency },
            ),
          ),
        );
        expect(count).toBe(100_000);
      }
    }
  });

  test('two flows of a million items each hold no more than their bound', { timeout: 60_000 }, async () => {
    const sums = [0, 0];
    const flow = (i: 0 | 1, concurrency: number) =>
      run(
        fromIterable(numbers(1_000_000)).pipe(forEach(async (n) => void (sums[i]! += n), { concurrency, name: 'add' })),
      ).done;
    const reports = await Promise.all([flow(0, 1), flow(1, 100)]);
    expect(sums).toEqual([499_999_500_000, 499_999_500_000]);
    expect(reports.map(({ stages }) => stages.at(-1)!)).toMatchObject([
      { in: 1_000_000, completed: 1_000_000, out: 0, peak: 3 },
      { in: 1_000_000, completed: 1_000_000, out: 0, peak: 300 },
    ]);
  });
});

describe('forEach ends', () => {
  test('R-30 with the first error, after the others were told to stop', async () => {
    for (const fail of [
      () => {
        throw error;
      },
      () => Promise.reject(error),
      () => throwError(() => error),
      // oxlint-disable-next-line require-yield -- it fails before it would
      async function* () {
        throw error;
      },
    ]) {
      const signals: AbortSignal[] = [];
      const flow = new TestFlow();
      const probe = new Probe<never>(flow);
      let aborted: unknown[] | undefined;
      const ended = new Promise<void>((resolve) => {
        probe.onEnd = () => {
          aborted = signals.map(({ reason }) => reason as unknown);
          resolve();
        };
      });
      probe.subscribe(
        fromIterable(numbers(100)).pipe(
          forEach(
            (n, { signal }) => {
              signals.push(signal);
              return n === 2 ? fail() : new Promise(() => {});
            },
            { concurrency: 3, name: 'f' },
          ),
        ),
      );
      await ended;
      expect(probe.error).toBe(error);
      // What failed itself is not cancelled.
      expect(aborted).toEqual([error, error, undefined]);
      expect(signals).toHaveLength(3);
      expect(flow.node('f').telemetry).toMatchObject({ failed: 1 });
      flow.check();
    }
  });

  const error = new Error('no');

  test('R-33 whatever the function throws, the same comes out', async () => {
    for (const thrown of [null, undefined, 0, 'text', { a: 1 }, Object.freeze(new Error('frozen'))]) {
      const failure = await settle(
        of(1).pipe(
          forEach(() => {
            throw thrown;
          }),
        ),
      ).then(
        () => 'completed',
        (e: unknown) => ({ e }),
      );
      expect(failure).toEqual({ e: thrown });
    }
  });

  test('R-15 with an error of its source at once, and cancels what runs', async () => {
    const source = new Subject<number>();
    let signal: AbortSignal | undefined;
    const probe = new Probe<never>().subscribe(
      source.pipe(
        forEach((_, context) => {
          ({ signal } = context);
          return new Promise(() => {});
        }),
      ),
    );
    source.next(1);
    expect(signal?.aborted).toBe(false);
    source.error(error);
    expect(probe.error).toBe(error);
    expect(signal?.aborted).toBe(true);
  });

  test('R-40 R-41 with an unsubscribe: signals abort, Observables and iterators are left, nothing begins', async () => {
    const log: string[] = [];
    const begun: number[] = [];
    const flow = new TestFlow();
    let resume!: () => void;
    const outputs = [
      (signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          resume = resolve;
          signal.addEventListener('abort', () => log.push('signal'));
        }),
      () => new Observable(() => () => log.push('observable')),
      () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<IteratorResult<never>>(() => {}),
          return: () => {
            log.push('iterator');
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      }),
    ];
    const probe = new Probe<never>(flow).subscribe(
      fromIterable(numbers(100)).pipe(
        forEach(
          (n, { signal }) => {
            begun.push(n);
            return outputs[n]!(signal);
          },
          { concurrency: 3, name: 'f' },
        ),
      ),
    );
    expect(begun).toEqual([0, 1, 2]);
    probe.unsubscribe();
    expect(log).toEqual(['signal', 'observable', 'iterator']);
    resume();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    flow.check();
    expect(flow.node('f').telemetry).toMatchObject({ in: 9, completed: 0, abandoned: 9 });
    expect(probe.gate).toMatchObject({ attached: 0, waiting: 0 });
  });

  test('R-21 from within the function itself', async () => {
    for (const output of [undefined, Promise.resolve(), new Observable(() => void log.push('subscribed')), of(1)]) {
      const probe = new Probe<never>();
      const seen: number[] = [];
      probe.subscribe(
        fromIterable(numbers(10)).pipe(
          forEach((n) => {
            seen.push(n);
            if (n === 2) probe.unsubscribe();
            return n === 2 ? output : undefined;
          }),
        ),
      );
      await turn();
      expect(seen).toEqual([0, 1, 2]);
      expect(probe.ended).toBeUndefined();
    }
    expect(log).toEqual([]);
  });
  const log: unknown[] = [];

  test('R-32 and reports an error that comes after that', async () => {
    const lateError = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const flow = run(of(1).pipe(forEach(() => turn().then(() => Promise.reject(error)), { name: 'f' })));
    flow.abort();
    await flow.done;
    await vi.waitUntil(() => lateError.mock.calls.length > 0, { interval: 1 });
    expect(lateError.mock.calls).toEqual([[error, 'f']]);
  });

  test('by an abort, also while a source that the function gave back never pauses by itself', async () => {
    const naturals = fromIterable(() => numbers(Infinity));
    const flow = run(of(1).pipe(forEach(() => naturals)));
    setImmediate(() => flow.abort());
    expect(await flow.done).toMatchObject({ ended: 'aborted', abandoned: 1 });
  });

  test('never, where the work never does; but an unsubscribe ends it', async () => {
    const probe = new Probe<never>().subscribe(of(1).pipe(forEach(() => new Promise(() => {}))));
    await turn();
    expect(probe.ended).toBeUndefined();
    probe.unsubscribe();
    expect(probe.isClosed).toBe(true);
  });
});

async function failEven(n: number): Promise<void> {
  if (n % 2 === 0) throw new Error(`no ${n}`);
}

const failTwo = (deadLetter: DeadLetterTarget<number>): Promise<undefined> =>
  settle(fromIterable(numbers(4)).pipe(forEach(failEven, { onError: { deadLetter } })));

describe('forEach with onError', () => {
  test('"skip" leaves failures out and counts them', async () => {
    const flow = new TestFlow();
    const probe = new Probe<never>(flow);
    const ended = new Promise<void>((resolve) => (probe.onEnd = resolve));
    probe.subscribe(fromIterable(numbers(9)).pipe(forEach(failEven, { onError: 'skip', concurrency: 2 })));
    await ended;
    expect(probe.ended).toBe('completed');
    expect(flow.node('failEven').telemetry).toMatchObject({ in: 9, completed: 4, failed: 5, out: 0 });
    flow.check();
  });

  test('R-36 "deadLetter" hands them over, to a function it waits for or an observer', async () => {
    const letters: unknown[] = [];
    let waited = 0;
    await failTwo(async (letter) => {
      letters.push(letter);
      await turn();
      waited++;
    });
    expect(waited).toBe(2);
    await failTwo({ next: (letter) => letters.push(letter) });
    const expected = [0, 2].map((n) => ({ item: n, error: new Error(`no ${n}`), attempts: 1, stage: 'failEven' }));
    expect(letters).toEqual([...expected, ...expected]);
    await expect(failTwo(() => Promise.reject(new Error('full')))).rejects.toMatchObject({
      code: 'ERR_DEAD_LETTER',
      item: 0,
      cause: new Error('full'),
    });
  });
});

describe('forEach with batches', () => {
  test('hands arrays over, by size and by time', () => {
    marbles(({ cold, expectObservable, flush }) => {
      const batches: string[][] = [];
      const source = cold('abcd---e------|');
      const expected = '   --------------|';
      const options = { batch: { size: 3, wait: 4 }, concurrency: 2 };
      expectObservable(source.pipe(forEach((items) => void batches.push(items), options))).toBe(expected);
      flush();
      expect(batches).toEqual([
        ['a', 'b', 'c'],
        ['d', 'e'],
      ]);
    });
  });

  test('runs "concurrency" batches, holds back, and hands over what is left at the end', async () => {
    const batches: number[][] = [];
    const finish: (() => void)[] = [];
    let pulled = 0;
    const source = fromIterable(function* () {
      while (pulled < 25) yield pulled++;
    });
    const flow = new TestFlow();
    const probe = new Probe<never>(flow).subscribe(
      source.pipe(
        forEach(
          (items) => {
            batches.push(items);
            return new Promise<void>((resolve) => finish.push(resolve));
          },
          { name: 'insert', concurrency: 2, capacity: 1, batch: { size: 4 } },
        ),
      ),
    );
    // Two batches run, one waits, and one is full.
    expect(pulled).toBe(16);
    expect(batches).toHaveLength(2);
    for (let i = 0; i < 7; i++) {
      finish[i]!();
      await turn();
    }
    expect(batches.map((items) => items.length)).toEqual([4, 4, 4, 4, 4, 4, 1]);
    expect(batches.flat()).toEqual([...numbers(25)]);
    expect(probe.ended).toBe('completed');
    expect(flow.node('batch').telemetry).toMatchObject({ in: 25, out: 7 });
    expect(flow.node('insert').telemetry).toMatchObject({ in: 7, completed: 7 });
    flow.check();
  });

  test('takes a whole batch for the item under "skip" and "deadLetter"', async () => {
    const letters: number[][] = [];
    const saved: number[][] = [];
    const save = async (items: number[]): Promise<void> => {
      if (items.includes(4)) throw new Error('bad row');
      saved.push(items);
    };
    await settle(fromIterable(numbers(8)).pipe(forEach(save, { batch: { size: 3 }, onError: 'skip' })));
    const deadLetter = ({ item }: { item: number[] }): void => void letters.push(item);
    await settle(fromIterable(numbers(8)).pipe(forEach(save, { batch: { size: 3 }, onError: { deadLetter } })));
    const good = [
      [0, 1, 2],
      [6, 7],
    ];
    expect(saved).toEqual([...good, ...good]);
    expect(letters).toEqual([[3, 4, 5]]);
  });
});

test('forEach infers what the function takes', () => {
  const rows = of({ id: 1 });
  rows.pipe(forEach((row) => expectTypeOf(row).toEqualTypeOf<{ id: number }>()));
  rows.pipe(forEach((row) => expectTypeOf(row).toEqualTypeOf<{ id: number }>(), { concurrency: 2 }));
  rows.pipe(forEach((batch) => expectTypeOf(batch).toEqualTypeOf<{ id: number }[]>(), { batch: { size: 2 } }));
  rows.pipe(
    forEach(
      async (batch, { signal }) =>
        expectTypeOf([batch, signal] as const).toEqualTypeOf<readonly [{ id: number }[], AbortSignal]>(),
      {
        concurrency: 2,
        batch: { size: 500, wait: 200, weigh: (row) => row.id, weight: 5 },
        onError: { deadLetter: (letter) => void expectTypeOf(letter.item).toEqualTypeOf<{ id: number }[]>() },
      },
    ),
  );
  rows.pipe(
    forEach(() => {}, {
      onError: { deadLetter: ({ item }) => void expectTypeOf(item).toEqualTypeOf<{ id: number }>() },
    }),
  );
  expectTypeOf(forEach((n: number) => n)).toEqualTypeOf<OperatorFunction<number, never>>();
  expectTypeOf(forEach((n: number[]) => n, { batch: { size: 1 } })).toEqualTypeOf<OperatorFunction<number, never>>();
  expectTypeOf(rows.pipe(forEach(() => {}))).toEqualTypeOf<Observable<never>>();
  // @ts-expect-error -- there are no results to put in order
  expect(() => forEach(() => {}, { order: 'input' })).toThrow();
  // @ts-expect-error -- nor to emit
  expect(() => forEach(() => {}, { onError: 'emit' })).toThrow();
});

describe('forEach refuses at the call', () => {
  test.each([
    [undefined, 'fn'],
    [null, 'fn'],
    [Promise.resolve(), 'fn'],
    ['text', 'fn'],
  ])('the function %o', (fn, option) => {
    expect(() => forEach(fn as never)).toThrow(expect.objectContaining({ name: 'TypeError', option }));
  });

  test.each([
    [{ concurrency: 0 }, 'concurrency', 'ERR_OUT_OF_RANGE'],
    [{ concurrency: NaN }, 'concurrency', 'ERR_OUT_OF_RANGE'],
    [{ capacity: -1 }, 'capacity', 'ERR_OUT_OF_RANGE'],
    [{ onError: 'emit' }, 'onError', 'ERR_INVALID_ARG_VALUE'],
    [{ onError: 'retry' }, 'onError', 'ERR_INVALID_ARG_VALUE'],
    [{ onError: null }, 'onError', 'ERR_INVALID_ARG_TYPE'],
    [{ onError: {} }, 'onError', 'ERR_INVALID_ARG_TYPE'],
    [{ order: 'input' }, 'options', 'ERR_INVALID_ARG_VALUE'],
    [{ name: 'a\nb' }, 'name', 'ERR_INVALID_ARG_VALUE'],
    [{ batches: {} }, 'options', 'ERR_INVALID_ARG_VALUE'],
    [{ batch: {} }, 'size', 'ERR_INVALID_ARG_TYPE'],
    [{ batch: { size: 0 } }, 'size', 'ERR_OUT_OF_RANGE'],
    [{ batch: { size: 1, wiat: 1 } }, 'options', 'ERR_INVALID_ARG_VALUE'],
    [{ batch: null }, 'batch', 'ERR_INVALID_ARG_TYPE'],
    [{ batch: 500 }, 'batch', 'ERR_INVALID_ARG_TYPE'],
    [{ batch: { size: 1 }, concurrency: -1 }, 'concurrency', 'ERR_OUT_OF_RANGE'],
    [null, 'options', 'ERR_INVALID_ARG_TYPE'],
  ])('the options %o', (options, option, code) => {
    const call = (): unknown => forEach(() => {}, options as unknown as ForEachBatchOptions<unknown>);
    expect(call).toThrow(expect.objectContaining({ option, code }));
    expect(call).not.toThrow(/'emit' or/);
  });

  test('takes its own options only, and an empty set of them', async () => {
    const inherited = Object.create({ concurrency: -1, batch: 1 }) as object;
    await settle(from([1]).pipe(forEach(() => {}, inherited)));
    await settle(from([1]).pipe(forEach(() => {}, { batch: undefined } as object)));
  });
});
