import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  concat,
  config,
  defer,
  map,
  of,
  take,
  throwError,
  timer,
  type OperatorFunction,
} from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { DeadLetterError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import type { DeadLetter, Result, StageOptions } from '../../src/core/options.ts';
import type { ItemContext } from '../../src/core/slot.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { marbles } from '../../src/testing/marbles.ts';
import {
  badCounts,
  badFunctions,
  badNames,
  badObjects,
  badWords,
  table,
  thrownBy,
  type BadValue,
} from './badOptions.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  config.onUnhandledError = null;
});

/** Lets everything run that promises have set going. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A promise of some other library. */
function thenable(then: (resolve: (value: number) => void) => void): PromiseLike<number> {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is
  return { then } as unknown as PromiseLike<number>;
}

/** A promise to settle by hand. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Work that takes `frames` and gives its item. */
const after =
  (frames: number) =>
  <T>(item: T): Observable<T> =>
    timer(frames).pipe(map(() => item));

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

describe('workerPool', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  a--b--c--|       ';
      const expected = '----a--b--(c|)   ';
      const stage = workerPool((x: string) => timer(4).pipe(map(() => x)), { concurrency: 2 });
      expectObservable(cold(source).pipe(stage)).toBe(expected);
    });
  });

  test('many items: never more than concurrency at once', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abcd|              ');
      const expected = '   -----ab---c(d|)   ';
      const stage = workerPool(after(5), { concurrency: 2, capacity: 2 });
      expectObservable(source.pipe(stage)).toBe(expected);
    });
  });

  test('R-03: an empty source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' |');
      const subs = '        (^!)';
      expectObservable(source.pipe(workerPool(after(5)))).toBe('|');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-04: a source that says nothing', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -');
      const unsub = '       -----!';
      const subs = '        ^----!';
      expectObservable(source.pipe(workerPool(after(5))), unsub).toBe('-');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('G6: the error of the source passes at once, and what runs is given up', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = cold(' -----i|');
      const source = cold('a--#');
      const innerSubs = '  ^--!';
      const expected = '   ---#';
      expectObservable(source.pipe(workerPool(() => inner))).toBe(expected);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
    });
  });

  test('R-40: an early unsubscribe ends what runs and the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = cold(' -----i|     ');
      const source = cold('a--b--c----|');
      const unsub = '      -------!    ';
      const innerSubs = ['                  ^-----!     ', '                  ------^!    '];
      const expected = '   -----i--    ';
      expectObservable(source.pipe(workerPool(() => inner)), unsub).toBe(expected);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  test('R-23: a synchronous source stops when take has enough, and the function is called no more', () => {
    const called: number[] = [];
    let closed = false;
    const source = fromIterable(function* () {
      try {
        yield* naturals();
      } finally {
        closed = true;
      }
    });
    const values: number[] = [];
    const stage = workerPool((n: number) => (called.push(n), n));
    source.pipe(stage, take(3)).subscribe((value) => values.push(value));
    expect([values, called, closed]).toEqual([[0, 1, 2], [0, 1, 2], true]);
  });

  test('R-23: a synchronous source that cannot stop is listened to no more', () => {
    let made = 0;
    const called: number[] = [];
    const deaf = new Observable<number>((subscriber) => {
      while (made < 1000) subscriber.next(made++);
    });
    const stage = workerPool((n: number) => (called.push(n), n));
    deaf.pipe(stage, take(3)).subscribe();
    expect([called, made]).toEqual([[0, 1, 2], 1000]);
  });

  test('R-01: calls nothing and subscribes to nothing before it is subscribed', () => {
    const fn = vi.fn();
    const source = vi.fn(() => of(1));
    defer(source).pipe(workerPool(fn));
    expect([fn, source].map((each) => each.mock.calls.length)).toEqual([0, 0]);
  });

  test('R-05: two subscriptions know nothing of each other', () => {
    marbles(({ cold, expectObservable }) => {
      const result = cold('ab|').pipe(workerPool(after(3)));
      expectObservable(result).toBe('       ---a--(b|)');
      expectObservable(result, '--^----!').toBe('-----a--');
      expectObservable(concat(result, result)).toBe('---a--b--a--(b|)');
    });
  });

  test('R-06: false values pass as items and as results, plain, promised and observed', async () => {
    const odd = [undefined, null, 0, -0, '', NaN, false, 0n];
    const fns = [
      (item: unknown) => item,
      async (item: unknown) => item,
      (item: unknown) => of(item),
      async function* (item: unknown) {
        yield item;
      },
    ];
    for (const order of ['completion', 'input'] as const) {
      for (const fn of fns) {
        const probe = new Probe<unknown>().subscribe(fromIterable(odd).pipe(workerPool(fn, { order })));
        for (let i = 0; i < 100 && probe.ended === undefined; i++) await settled();
        expect(probe.ended).toBe('completed');
        expect(probe.values.length).toBe(odd.length);
        probe.values.forEach((value, i) => expect(value).toBe(odd[i]));
      }
    }
  });

  test('R-06: undefined is a value when kept in input order, also among several', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab|                ');
      const inners = {
        a: cold('          ----x|            ', { x: null }),
        b: cold('           uv|              ', { u: undefined, v: 0 }),
      };
      const expected = '   ----x(uv|)         ';
      const stage = workerPool((key: string) => inners[key as 'a'] as Observable<unknown>, {
        concurrency: 2,
        order: 'input',
      });
      expectObservable(source.pipe(stage)).toBe(expected, { x: null, u: undefined, v: 0 });
    });
  });

  test.each([
    ['an array', [1, 2]],
    ['a string', 'text'],
    ['a Map', new Map([[1, 2]])],
    ['a function', () => 1],
    ['a typed array', new Uint8Array(2)],
    ['an iterator that is not async', [1, 2].values()],
  ])('%s is one value', (_, value) => {
    const probe = new Probe<unknown>().subscribe(of(1).pipe(workerPool(() => value as unknown)));
    expect(probe.values.length).toBe(1);
    expect(probe.values[0]).toBe(value);
  });

  test('a thenable that is no promise gives its value, and one whose then throws fails the item', async () => {
    const good = new Probe<number>().subscribe(of(1).pipe(workerPool(() => thenable((resolve) => resolve(5)))));
    const bad = new Probe<number>().subscribe(
      of(1).pipe(
        workerPool(() =>
          thenable(() => {
            throw new Error('then');
          }),
        ),
      ),
    );
    await settled();
    expect([good.values, good.ended, String(bad.error)]).toEqual([[5], 'completed', 'Error: then']);
  });

  test('R-34: a consumer that throws is reported as RxJS does, and the flow goes on', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const bad = new Error('consumer');
    const others: number[] = [];
    const seen: number[] = [];
    const source = new Subject<number>();
    const result = source.pipe(workerPool((n: number) => n));
    result.subscribe((n) => {
      seen.push(n);
      throw bad;
    });
    result.subscribe((n) => others.push(n));
    source.next(1);
    source.next(2);
    source.complete();
    await new Promise((resolve) => void setTimeout(resolve));
    expect([reported, seen, others]).toEqual([
      [bad, bad],
      [1, 2],
      [1, 2],
    ]);
    expect(source.observed).toBe(false);
  });

  test('R-20: what the consumer sends back into the source comes after what is there', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n < 3) {
        source.next(n * 2 + 1);
        source.next(n * 2 + 2);
      }
    };
    probe.subscribe(source.pipe(workerPool((n: number) => n)));
    source.next(0);
    expect(probe.values).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe("workerPool with order 'input'", () => {
  test('lets a slow first item hold up those behind it, which run all the same', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc|            ');
      const inners = {
        a: cold('          -----i|         '),
        b: cold('           -j|            '),
        c: cold('            -k|           '),
      };
      const expected = '   -----i(jk|)     ';
      const stage = workerPool((key: string) => inners[key as 'a'], { concurrency: 3, order: 'input' });
      expectObservable(source.pipe(stage)).toBe(expected);
    });
  });

  test('lets the values of the first item out as they come, and keeps those of the others', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab|           ');
      const inners = {
        a: cold('          -i-j-k-|      '),
        b: cold('           xy---z------|'),
      };
      const expected = '   -i-j-k-(xyz)-|';
      const stage = workerPool((key: string) => inners[key as 'a'], { concurrency: 2, order: 'input' });
      expectObservable(source.pipe(stage)).toBe(expected);
    });
  });

  test('R-31: results that are finished behind an item that fails are given up with it', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab|     ');
      const inners = {
        a: cold('          -----#  '),
        b: cold('           -j|    '),
      };
      const expected = '   -----#  ';
      const stage = workerPool((key: string) => inners[key as 'a'], { concurrency: 2, order: 'input' });
      expectObservable(source.pipe(stage)).toBe(expected);
    });
  });

  test('a long first item holds the source back: no more than the bound is taken', () => {
    const first = new Subject<number>();
    let made = 0;
    const source = fromIterable(naturals()).pipe(map((n) => (made++, n)));
    const probe = new Probe<number>().subscribe(
      source.pipe(
        workerPool((n: number) => (n === 0 ? first : of(n)), { concurrency: 2, capacity: 3, order: 'input' }),
      ),
    );
    expect([made, probe.values]).toEqual([5, []]);
    probe.allow(3);
    first.next(0);
    first.complete();
    expect(probe.values).toEqual([0, 1, 2]);
    probe.unsubscribe();
  });
});

describe('workerPool above a closed gate', () => {
  test('G5: starts nothing, and keeps the results of what runs', () => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const demand = gated<string>('---x-----o----x----o          ');
      const source = cold('         abcd|                         ');
      const inner = cold('          ----i|                        ');
      const innerSubs = [
        '                           ^----!                        ',
        '                           ---------^----!               ',
        '                           -------------------^----!     ',
        '                           ------------------------^----!',
      ];
      const expected = '            ---------i---i---------i----i|';
      const stage = workerPool(() => inner, { concurrency: 1, capacity: Infinity });
      expectObservable(source.pipe(stage, demand)).toBe(expected);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
    });
  });

  test.each(['completion', 'input'] as const)('G2: a pausable inner stops within one value (%s order)', (order) => {
    let made = 0;
    const inner = fromIterable(function* () {
      for (;;) yield made++;
    });
    const probe = new Probe<number>();
    probe.allow(2);
    probe.subscribe(of('a').pipe(workerPool(() => inner, { order })));
    expect([probe.values, made]).toEqual([[0, 1], 3]);
    probe.allow(3);
    expect([probe.values, made]).toEqual([[0, 1, 2, 3, 4], 6]);
    probe.unsubscribe();
  });

  test('G1: holds concurrency + capacity, and its source back', () => {
    let made = 0;
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(
      fromIterable(function* () {
        for (;;) yield made++;
      }).pipe(workerPool((n: number) => n, { concurrency: 2, capacity: 3 })),
    );
    expect(made).toBe(5);
    probe.allow(1);
    expect([probe.values, made]).toEqual([[0], 6]);
    probe.unsubscribe();
  });

  test('G6: an error passes it, of the source, an item, or an inner', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = '  x----';
      const expected = '---#';
      expectObservable(cold('a--#').pipe(workerPool(after(1)), gated(demand))).toBe(expected);
      const late = workerPool(() => cold('--#'));
      // Nothing is begun while the gate is closed, so it closes after the item has begun.
      expectObservable(cold('-a').pipe(late, gated('--x--'))).toBe(expected);
    });
  });

  test('completion waits for what is held, and an empty stage completes through it', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('-x-----o');
      const source = cold('         a--|');
      const expected = '            -------(a|)';
      expectObservable(source.pipe(workerPool(after(2)), demand)).toBe(expected);
      const shut = gated<string>('  x');
      expectObservable(cold('       --|').pipe(workerPool(after(2)), shut)).toBe('--|');
    });
  });
});

describe('onError', () => {
  test("R-30 'stop': the source is unsubscribed and the siblings' signals abort before the error is delivered", () => {
    const log: string[] = [];
    const error = new Error('b');
    const source = new Subject<string>();
    const failing = new Subject<never>();
    const stage = workerPool(
      (item: string, { signal }) => {
        signal.addEventListener('abort', () => log.push(`${item} aborted with ${String(signal.reason)}`));
        return item === 'b' ? failing : NEVER;
      },
      { concurrency: 3 },
    );
    source.pipe(stage).subscribe({
      error: (e: unknown) => log.push(`failed, ${e === error}, source ${source.observed ? 'on' : 'off'}`),
    });
    for (const item of ['a', 'b', 'c']) source.next(item);
    failing.error(error);
    expect(log).toEqual(['a aborted with Error: b', 'c aborted with Error: b', 'failed, true, source off']);
  });

  test("'stop' ends the siblings' Observables in the same frame", () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('ab---|  ');
      const inners = {
        a: cold('          ------i|'),
        b: cold('           ---#   '),
      };
      const asubs = '      ^---!   ';
      const expected = '   ----#   ';
      expectObservable(source.pipe(workerPool((key) => inners[key as 'a'], { concurrency: 2 }))).toBe(expected);
      expectSubscriptions(inners.a.subscriptions).toBe(asubs);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  test("'skip': goes on without the item, whose values so far have left", () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a----b----c|        ');
      const inners = {
        a: cold('          -i-|                '),
        b: cold('               -j-#           '),
        c: cold('                    -k-|      '),
      };
      const expected = '   -i----j----k-|      ';
      expectObservable(source.pipe(workerPool((key) => inners[key as 'a'], { onError: 'skip' }))).toBe(expected);
    });
  });

  test("'emit': every value and every failure is a result", () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a----b-----|        ');
      const inners = {
        a: cold('          -i-j-|              '),
        b: cold('               -j-#           ', undefined, 'bad'),
      };
      const expected = '   -i-j--j-e--|        ';
      const results: Record<string, Result<string, string>> = {
        i: { ok: true, value: 'i' },
        j: { ok: true, value: 'j' },
        e: { ok: false, error: 'bad', item: 'b' },
      };
      const stage = workerPool((key: string) => inners[key as 'a'], { onError: 'emit' });
      expectObservable(source.pipe(stage)).toBe(expected, results);
    });
  });

  test("'emit' with order 'input': a failure leaves in its place", () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab|    ');
      const inners = {
        a: cold('          ---i|  '),
        b: cold('           #     ', undefined, 'bad'),
      };
      const expected = '   ---i(e|)';
      const stage = workerPool((key: string) => inners[key as 'a'], {
        concurrency: 2,
        order: 'input',
        onError: 'emit',
      });
      expectObservable(source.pipe(stage)).toBe(expected, {
        i: { ok: true, value: 'i' },
        e: { ok: false, error: 'bad', item: 'b' },
      });
    });
  });

  test.each([
    ['a function', (letters: unknown[]) => (letter: DeadLetter<number>) => void letters.push(letter)],
    ['an observer', (letters: unknown[]) => ({ next: (letter: DeadLetter<number>) => void letters.push(letter) })],
    [
      'a Subject',
      (letters: unknown[]) => {
        const subject = new Subject<DeadLetter<number>>();
        subject.subscribe((letter) => letters.push(letter));
        return subject;
      },
    ],
  ])('R-36 deadLetter, %s: is handed the item, its error, the attempts and the stage', (_, make) => {
    const letters: unknown[] = [];
    const error = new Error('two');
    const flow = new TestFlow();
    const fn = (n: number) => (n === 2 ? throwError(() => error) : of(n));
    const probe = new Probe<number>(flow).subscribe(
      fromIterable([1, 2, 3]).pipe(workerPool(fn, { name: 'store', onError: { deadLetter: make(letters) } })),
    );
    expect([probe.values, probe.ended]).toEqual([[1, 3], 'completed']);
    expect(letters).toEqual([{ item: 2, error, attempts: 1, stage: 'store' }]);
    expect((letters[0] as DeadLetter<number>).error).toBe(error);
    expect(flow.node('store').telemetry).toMatchObject({ in: 3, completed: 2, failed: 0, deadLettered: 1 });
    flow.check();
  });

  test('deadLetter: the item keeps its place until a slow dead letter has taken it', async () => {
    const taken = deferred<void>();
    const started: number[] = [];
    const stage = workerPool(
      (n: number) => {
        started.push(n);
        if (n === 1) throw new Error('one');
        return n;
      },
      { onError: { deadLetter: () => taken.promise } },
    );
    const probe = new Probe<number>().subscribe(fromIterable([1, 2]).pipe(stage));
    await settled();
    expect([started, probe.ended]).toEqual([[1], undefined]);
    taken.resolve();
    await settled();
    expect([started, probe.values, probe.ended]).toEqual([[1, 2], [2], 'completed']);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('disk');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('disk');
      },
    ],
  ])(
    'R-36: a dead letter that %s stops the flow with a DeadLetterError that has the item and both errors',
    async (_, deadLetter) => {
      const itemError = new Error('one');
      const stage = workerPool(
        (): number => {
          throw itemError;
        },
        { name: 'store', onError: { deadLetter } },
      );
      const probe = new Probe<number>().subscribe(fromIterable([1, 2]).pipe(stage));
      await settled();
      expect(probe.error).toBeInstanceOf(DeadLetterError);
      expect(probe.error).toMatchObject({
        name: 'DeadLetterError',
        code: 'ERR_DEAD_LETTER',
        stage: 'store',
        item: 1,
        itemError,
        cause: new Error('disk'),
      });
      expect((probe.error as DeadLetterError).itemError).toBe(itemError);
      expect(String(probe.error)).toContain('The dead letter of stage "store" failed');
    },
  );

  test.each([null, undefined, 0, 'text', { a: 1 }, Object.freeze(new Error('frozen')), new AggregateError([1])])(
    'R-33: whatever is thrown arrives as it is: %s',
    async (thrown) => {
      const fns: (() => unknown)[] = [
        () => {
          throw thrown;
        },
        () => Promise.reject(thrown),
        () => throwError(() => thrown),
      ];
      for (const fn of fns) {
        const probe = new Probe<unknown>().subscribe(fromIterable([1]).pipe(workerPool(fn)));
        await settled();
        expect(probe.ended).toBe('failed');
        expect(probe.error).toBe(thrown);
      }
    },
  );

  test('R-32: the failure of a sibling after the first is reported, and that it was aborted is not', async () => {
    const late: unknown[] = [];
    vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
    const work = [1, 2, 3].map(() => deferred<number>());
    const stage = workerPool((n: number) => work[n]!.promise, { concurrency: 3, name: 'store' });
    const probe = new Probe<number>().subscribe(fromIterable([0, 1, 2]).pipe(stage));
    work[0]!.reject(new Error('first'));
    await settled();
    work[1]!.reject(new Error('second'));
    work[2]!.reject(new DOMException('aborted', 'AbortError'));
    await settled();
    expect([String(probe.error), late]).toEqual(['Error: first', [[new Error('second'), 'store']]]);
  });
});

describe('a concurrency that changes', () => {
  test('is 1 until the first value, goes up at once, and down as work ends', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const limits = hot(' --3------1----|            ', { 1: 1, 3: 3 });
      const source = cold('abcdefgh|                  ');
      const inner = cold(' -----i|                    ');
      const innerSubs = [
        '                  ^-----!                    ',
        '                  --^-----!                  ',
        '                  --^-----!                  ',
        '                  ------^-----!              ',
        '                  --------^-----!            ',
        '                  --------^-----!            ',
        '                  --------------^-----!      ',
        '                  --------------------^-----!',
      ];
      const expected = '   -----i-(ii)i-(ii)--i-----i|';
      expectObservable(source.pipe(workerPool(() => inner, { concurrency: limits, capacity: Infinity }))).toBe(
        expected,
      );
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
      expectSubscriptions(limits.subscriptions).toBe('^-------------!');
    });
  });

  test('of 0 pauses: what runs runs on', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const limits = hot(' ---0------2   ', { 0: 0, 2: 2 });
      const source = cold('abc|          ');
      const inner = cold(' -----i|       ');
      const innerSubs = [
        '                  ^----!            ',
        '                  ----------^----!  ',
        '                  ----------^----!  ',
      ];
      const expected = '   -----i---------(ii|)';
      const stage = workerPool(() => inner.pipe(take(1)), { concurrency: limits, capacity: 3 });
      expectObservable(source.pipe(stage)).toBe(expected);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
      expectSubscriptions(limits.subscriptions).toBe('^--------------!');
    });
  });

  test('of 0 with the default capacity takes nothing from a pausable source, and goes on when it is raised', () => {
    const limits = new Subject<number>();
    let made = 0;
    const probe = new Probe<number>().subscribe(
      limits.pipe(
        take(0),
        (none) => concat(none, fromIterable([1, 2, 3])),
        map((n) => (made++, n)),
        workerPool((n: number) => n, { concurrency: concat(of(0), limits) }),
      ),
    );
    expect([made, probe.values]).toEqual([0, []]);
    limits.next(1);
    expect([made, probe.values, probe.ended]).toEqual([3, [1, 2, 3], 'completed']);
    expect(limits.observed).toBe(false);
  });

  test('that fails, fails the stage', () => {
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const limits = hot<never>(' ---#    ');
      const source = cold('a-------');
      const inner = cold(' -----i| ');
      const innerSubs = '  ^--!    ';
      const expected = '   ---#    ';
      expectObservable(source.pipe(workerPool(() => inner, { concurrency: limits }))).toBe(expected);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('that fails as it is subscribed, fails the stage before its source is subscribed', () => {
    const source = vi.fn(() => of(1));
    const probe = new Probe<number>().subscribe(
      defer(source).pipe(workerPool((n: number) => n, { concurrency: throwError(() => 'limits') })),
    );
    expect([probe.ended, probe.error, source.mock.calls.length]).toEqual(['failed', 'limits', 0]);
  });

  test.each(badCounts(0, true).map(([value, type, code]) => ({ value, type, code })))(
    'that gives $value fails the stage with an error that says so',
    ({ value, type, code }) => {
      const limits = new Subject<never>();
      const source = new Subject<number>();
      const probe = new Probe<number>().subscribe(source.pipe(workerPool(() => NEVER, { concurrency: limits })));
      source.next(1);
      limits.next(value as never);
      expect(probe.error).toBeInstanceOf(type);
      expect(probe.error).toMatchObject({ code, option: 'concurrency' });
      expect((probe.error as { received: unknown }).received).toBe(value);
      expect([source.observed, limits.observed]).toEqual([false, false]);
    },
  );

  test('that completes leaves the last limit in force', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const limits = hot(' -2|          ', { 2: 2 });
      const source = cold('--abcd|      ');
      const expected = '   -----ab-c(d|)';
      expectObservable(source.pipe(workerPool(after(3), { concurrency: limits, capacity: 4 }))).toBe(expected);
    });
  });

  test('is read once a subscription, and let go of with it', () => {
    const limits = new Subject<number>();
    const source = new Subject<number>();
    const subscription = source.pipe(workerPool(() => NEVER, { concurrency: limits })).subscribe();
    expect(limits.observed).toBe(true);
    subscription.unsubscribe();
    expect(limits.observed).toBe(false);
  });
});

describe('the context', () => {
  test('has the index of the item, the attempt, the name of the stage, and destructures', () => {
    const seen: unknown[] = [];
    function resize(item: string, { index, attempt, stage, signal }: ItemContext): string {
      seen.push([item, index, attempt, stage, signal.aborted]);
      return item;
    }
    of('a', 'b').pipe(workerPool(resize)).subscribe();
    of('c')
      .pipe(workerPool(resize, { name: 'images' }))
      .subscribe();
    expect(seen).toEqual([
      ['a', 0, 1, 'resize', false],
      ['b', 1, 1, 'resize', false],
      ['c', 0, 1, 'images', false],
    ]);
  });

  test('makes the signal only when it is read, and always the same', () => {
    let made = 0;
    vi.stubGlobal(
      'AbortController',
      class extends AbortController {
        constructor() {
          super();
          made++;
        }
      },
    );
    const contexts: ItemContext[] = [];
    of(1, 2)
      .pipe(workerPool((n: number, context) => (contexts.push(context), n)))
      .subscribe();
    expect(made).toBe(0);
    expect(contexts[0]!.signal).toBe(contexts[0]!.signal);
    expect(made).toBe(1);
  });

  test('R-42: the signal aborts on unsubscribe, also one that is read only afterwards', () => {
    const contexts: ItemContext[] = [];
    const subscription = of(1, 2)
      .pipe(workerPool((_: number, context) => (contexts.push(context), NEVER), { concurrency: 2 }))
      .subscribe();
    const early = contexts[0]!.signal;
    expect(early.aborted).toBe(false);
    subscription.unsubscribe();
    expect([early.aborted, contexts[1]!.signal.aborted]).toEqual([true, true]);
  });

  test('the signal of an item that is done never aborts', () => {
    const contexts: ItemContext[] = [];
    const source = new Subject<number>();
    const subscription = source.pipe(workerPool((n: number, context) => (contexts.push(context), n))).subscribe();
    source.next(1);
    const { signal } = contexts[0]!;
    subscription.unsubscribe();
    expect(signal.aborted).toBe(false);
  });
});

describe('a source that cannot be paused', () => {
  test('G7: loses nothing, and a warning names the stage once', () => {
    const warnings: string[] = [];
    vi.spyOn(hooks, 'warn').mockImplementation((message, code) => void warnings.push(`${code} ${message}`));
    marbles(({ hot, expectObservable }) => {
      const source = hot('-(abcdef)|           ');
      const expected = '  -----a---b---c---d---e---(f|)';
      expectObservable(source.pipe(workerPool(after(4), { capacity: 1, name: 'slow' }))).toBe(expected);
    });
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain('SLUICE_OVERRUN Stage "slow" is sent more than the 2 items it may hold.');
  });

  test('R-07, R-08: completes after what it holds, also when the last item ends as the source does', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a---|   ');
      const expected = '   ----(a|)';
      expectObservable(source.pipe(workerPool(after(4)))).toBe(expected);
      expectObservable(cold('(a|)').pipe(workerPool((item: string) => item))).toBe('(a|)');
      expectObservable(cold('(a|)').pipe(workerPool(() => EMPTY))).toBe('|');
    });
  });
});

describe('bad arguments of workerPool', () => {
  const noOnError = [null, 1, true, [], {}, { deadLetter: null }, { deadLetter: 1 }, { deadLetter: {} }, () => {}].map(
    (value): BadValue => [value, TypeError, 'ERR_INVALID_ARG_TYPE'],
  );
  const bad = table({
    name: badNames,
    concurrency: badCounts(1, true),
    capacity: badCounts(0, true),
    order: badWords('Input', 'output'),
    onError: [
      ...noOnError,
      ...['Stop', '', 'retry'].map((value): BadValue => [value, TypeError, 'ERR_INVALID_ARG_VALUE']),
    ],
    overflowLimit: badCounts(0, true),
  });

  test.each(bad)('$option: $shown is refused at the call', ({ option, shown, bad: [value, type, code] }) => {
    const error = thrownBy(() => workerPool((n) => n, { [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name: type.name, code, option });
    expect((error as { received: unknown }).received).toBe(value);
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^workerPool\\(\\): "${option}" must be .+[.] Received `));
    expect(message).toContain(`Received ${shown} (`);
  });

  test.each(table({ fn: badFunctions }))('fn: $shown is refused', ({ shown, bad: [value, type, code] }) => {
    const error = thrownBy(() => workerPool(value as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'fn', received: value });
    expect((error as Error).message).toContain(`workerPool(): "fn" must be a function. Received ${shown} (`);
  });

  test.each(table({ options: badObjects }))('options: $shown is refused', ({ bad: [value, type, code] }) => {
    const error = thrownBy(() => workerPool((n) => n, value as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option: 'options', received: value });
  });

  test.each([
    ['concurency', 'concurrency'],
    ['capasity', 'capacity'],
    ['onerror', 'onError'],
    ['orders', 'order'],
    ['Name', 'name'],
    ['overflowlimit', 'overflowLimit'],
  ])('the unknown key %s is refused with the nearest name, %s', (key, nearest) => {
    const error = thrownBy(() => workerPool((n) => n, { [key]: 1 }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', received: key });
    expect((error as Error).message).toContain(`Did you mean "${nearest}"?`);
  });

  test('the exact words of one', () => {
    expect(() => workerPool((n) => n, { concurrency: NaN })).toThrow(
      'workerPool(): "concurrency" must be an integer of 1 or more, or Infinity. Received NaN (number)',
    );
  });

  test('what is undefined, or inherited, or in an object without a prototype is read as it should be', () => {
    const options = Object.assign(Object.create(null) as StageOptions<unknown>, {
      concurrency: undefined,
      capacity: 0,
      order: 'input' as const,
    });
    expect(() => workerPool((n) => n, options)).not.toThrow();
    expect(() => workerPool((n) => n, Object.create({ concurrency: -1 }) as StageOptions<unknown>)).not.toThrow();
    expect(() => workerPool((n) => n, { concurrency: Infinity, capacity: Infinity, overflowLimit: 0 })).not.toThrow();
  });
});

const spell = async (n: number): Promise<string> => `${n}`;

describe('the types of workerPool', () => {
  test('are those of what the function gives', () => {
    const source = of(1);
    expectTypeOf(source.pipe(workerPool((n) => n * 2))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(source.pipe(workerPool((n) => `${n}`))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(source.pipe(workerPool(async (n) => `${n}`))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(source.pipe(workerPool((n) => of(`${n}`)))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(source.pipe(workerPool(() => new Subject<Date>()))).toEqualTypeOf<Observable<Date>>();
    expectTypeOf(source.pipe(workerPool((n) => [n, n]))).toEqualTypeOf<Observable<number[]>>();
    expectTypeOf(source.pipe(workerPool(() => {}))).toEqualTypeOf<Observable<void>>();
    expectTypeOf(
      source.pipe(
        workerPool(async function* (n) {
          yield n;
        }),
      ),
    ).toEqualTypeOf<Observable<number>>();
    expectTypeOf(source.pipe(workerPool((n) => (n > 1 ? `${n}` : n)))).toEqualTypeOf<Observable<string | number>>();
  });

  test("give a Result with 'emit', and with nothing else", () => {
    expectTypeOf(of(1).pipe(workerPool(spell, { onError: 'emit' }))).toEqualTypeOf<
      Observable<Result<string, number>>
    >();
    expectTypeOf(of(1).pipe(workerPool(spell, { onError: 'skip' }))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(of(1).pipe(workerPool(spell, { onError: 'stop', concurrency: of(1) }))).toEqualTypeOf<
      Observable<string>
    >();
    expectTypeOf(workerPool(spell)).toEqualTypeOf<OperatorFunction<number, string>>();
  });

  test('know the item in a pipe, and in the dead letter', () => {
    of({ id: 1 }).pipe(
      workerPool((item, context) => {
        expectTypeOf(item).toEqualTypeOf<{ id: number }>();
        expectTypeOf(context).toEqualTypeOf<ItemContext>();
        return item;
      }),
      workerPool((item: { id: number }) => item.id, {
        onError: {
          deadLetter: (letter) => {
            expectTypeOf(letter).toEqualTypeOf<DeadLetter<{ id: number }>>();
          },
        },
      }),
    );
  });

  test('refuse what cannot work', () => {
    expectTypeOf(() => {
      // @ts-expect-error -- the function takes another type than the source gives
      of(1).pipe(workerPool((text: string) => text));
      // @ts-expect-error -- no such option
      workerPool((n: number) => n, { concurency: 2 });
      // @ts-expect-error -- no such order
      workerPool((n: number) => n, { order: 'any' });
      // @ts-expect-error -- a string is no number
      workerPool((n: number) => n, { concurrency: '2' });
      // @ts-expect-error -- the dead letter takes another item
      workerPool((n: number) => n, { onError: { deadLetter: (letter: DeadLetter<string>) => void letter } });
    }).toBeFunction();
  });
});
