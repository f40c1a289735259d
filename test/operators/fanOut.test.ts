import fc from 'fast-check';
import {
  concatMap,
  delay,
  EMPTY,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  Observable,
  of,
  repeat,
  Subject,
  take,
  takeWhile,
  tap,
  throwError,
  timer,
  type OperatorFunction,
  type UnsubscriptionError,
} from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { fanOut, type FanOutOptions } from '../../src/operators/fanOut.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { violations } from '../core/violations.ts';

afterEach(() => {
  vi.restoreAllMocks();
  expect(violations.splice(0)).toEqual([]);
});

const numbers = (count: number): Observable<number> => fromIterable(Array.from({ length: count }, (_, i) => i));
const ROUTES = ['free', 'roundRobin', 'broadcast'] as const;

const torn = new Error('teardown');
const throws = (): never => {
  throw torn;
};
/** What was reported late of teardowns, and by which stage. */
const told = ({ lateErrors }: TestFlow): unknown[] =>
  lateErrors.map(({ error, stage }) => [(error as UnsubscriptionError).errors, stage]);

/** A lane that takes so many frames for each item. */
const busyFor = (frames: number) => (items$: Observable<string>) =>
  items$.pipe(workerPool((item) => timer(frames).pipe(map(() => item)), { capacity: 0 }));

/** Lanes that take one item at a time, each ended by hand, and what they have taken. */
function manual(lanes: number, options: FanOutOptions<number> = {}) {
  const taken: number[][] = Array.from({ length: lanes }, () => []);
  const works: (Subject<string> | undefined)[] = [];
  const operator: OperatorFunction<number, string> = fanOut(
    lanes,
    (items$: Observable<number>, i) => {
      const work = (item: number): Observable<string> => {
        taken[i]!.push(item);
        return (works[i] = new Subject());
      };
      return items$.pipe(workerPool(work, { concurrency: 1, capacity: 0, name: `lane ${i}` }));
    },
    { name: 'fanOut', ...options },
  );
  const end = (lane: number): void => {
    const work = works[lane]!;
    work.next(`${lane}:${taken[lane]!.at(-1)}`);
    work.complete();
  };
  return { taken, operator, end, works };
}

describe('fanOut', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  ab-cd|        ';
      const expected = '---ab-c(d|)   ';
      expectObservable(cold(source).pipe(fanOut(2, busyFor(3)))).toBe(expected);
    });
  });

  test('many: 10 jobs of 500 on 3 lanes take 2,000', () => {
    marbles(({ expectObservable }) => {
      expectObservable(numbers(10).pipe(map(String), fanOut(3, busyFor(500)))).toBe(
        '500ms (012) 495ms (345) 495ms (678) 495ms (9|)',
      );
    });
  });

  test.each(ROUTES)('R-03, R-04, %s: an empty source and one that says nothing', (route) => {
    marbles(({ cold, expectObservable }) => {
      const lanes = fanOut(3, (items$: Observable<string>) => items$, { route });
      expectObservable(cold('--|').pipe(lanes)).toBe('--|');
      expectObservable(cold('---').pipe(lanes)).toBe('---');
      expectObservable(EMPTY.pipe(lanes)).toBe('|');
    });
  });

  test.each(ROUTES)('G6, %s: the error of the source ends all lanes at once', (route) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = cold('---------');
      const lanes = fanOut(2, (items$: Observable<string>) => items$.pipe(concatMap(() => inner)), { route });
      expectObservable(cold('a--#').pipe(lanes)).toBe('---#');
      expectSubscriptions(inner.subscriptions).toBe(route === 'broadcast' ? ['^--!', '^--!'] : ['^--!']);
    });
  });

  test('R-40: an early unsubscribe ends the source, the lanes and what runs in them', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a--b-----');
      const inner = cold('---------');
      const lanes = fanOut(2, (items$: Observable<string>) => items$.pipe(workerPool(() => inner)));
      expectObservable(source.pipe(lanes), '-----!').toBe('-----');
      expectSubscriptions(source.subscriptions).toBe('^----!');
      expectSubscriptions(inner.subscriptions).toBe(['^----!', '---^-!']);
    });
  });

  test('R-01, R-05: each subscription makes its own lanes, and none before', () => {
    const lane = vi.fn((items$: Observable<number>, _index: number) => items$);
    const flow$ = numbers(4).pipe(fanOut(2, lane));
    expect(lane).not.toHaveBeenCalled();
    const seen: number[][] = [[], []];
    flow$.subscribe((n) => seen[0]!.push(n));
    flow$.subscribe((n) => seen[1]!.push(n));
    expect(lane.mock.calls.map(([, index]) => index)).toEqual([0, 1, 0, 1]);
    expect(seen).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
  });

  test('an error in a lane ends all, and the source', () => {
    const failure = new Error('lane');
    const stopped = vi.fn();
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    const other = new Subject<number>();
    const work = (n: number, lane: number): Observable<number> =>
      lane === 0 ? other : n > 2 ? throwError(() => failure) : of(n);
    const lanes = fanOut(2, (items$: Observable<number>, i) =>
      items$.pipe(workerPool((n) => work(n, i), { capacity: 0 })),
    );
    probe.subscribe(numbers(10).pipe(tap({ unsubscribe: stopped }), lanes));
    expect([probe.ended, probe.error, probe.values]).toEqual(['failed', failure, [1, 2]]);
    expect([stopped.mock.calls.length, other.observed]).toEqual([1, false]);
    flow.check();
    expect(flow.live.size).toBe(0);
  });

  test('a lane that cannot be made ends all, before the source is subscribed', () => {
    const failure = new Error('made');
    const subscribed = vi.fn();
    const probe = new Probe<number>(new TestFlow());
    const lanes = fanOut(3, (items$: Observable<number>, i) => {
      if (i === 1) throw failure;
      return items$;
    });
    probe.subscribe(numbers(3).pipe(tap({ subscribe: subscribed }), lanes));
    expect([probe.error, subscribed.mock.calls.length]).toEqual([failure, 0]);
  });

  test('a lane may be a promise, or anything else that RxJS takes', async () => {
    const seen: unknown[] = [];
    const lanes = fanOut<number, number | string>(3, (items$, i) => {
      if (i === 0) return items$;
      return i === 1 ? Promise.resolve('promise') : ['array'];
    });
    await new Promise<void>((resolve) => {
      numbers(3)
        .pipe(lanes)
        .subscribe({ next: (value) => seen.push(value), complete: resolve });
    });
    expect(seen).toEqual(['array', 0, 1, 2, 'promise']);
  });

  test('G7: what cannot be paused is kept, with one warning', () => {
    const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const source = new Subject<number>();
    const { operator, taken, end } = manual(2);
    source.pipe(operator).subscribe();
    for (let i = 0; i < 5; i++) source.next(i);
    expect(taken).toEqual([[0], [1]]);
    end(1);
    end(1);
    end(0);
    expect(taken).toEqual([
      [0, 4],
      [1, 2, 3],
    ]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('beyond overflowLimit it fails', () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const source = new Subject<number>();
    const probe = new Probe<string>(new TestFlow());
    probe.subscribe(source.pipe(manual(1, { overflowLimit: 2 }).operator));
    for (let i = 0; i < 6; i++) source.next(i);
    expect(probe.error).toBeInstanceOf(OverflowError);
  });
});

describe("route 'free'", () => {
  test('the lane that is free takes the next item, and the source waits while none is', () => {
    const source = new ProbeSource([0, 1, 2, 3, 4, 5], false);
    const { operator, taken, end } = manual(2);
    const probe = new Probe<string>(new TestFlow());
    probe.subscribe(source.items$.pipe(operator));
    // One in each lane, and the one that is next.
    expect([source.produced, taken]).toEqual([3, [[0], [1]]]);
    end(1);
    end(1);
    end(1);
    expect([source.produced, taken]).toEqual([6, [[0], [1, 2, 3, 4]]]);
    expect(source.producedWhileClosed).toBe(0);
    expect(probe.values).toEqual(['1:1', '1:2', '1:3']);
  });

  test('lanes that are all free take turns', () => {
    const taken: [number, number][] = [];
    const lanes = fanOut(3, (items$: Observable<number>, i) => items$.pipe(tap((n) => taken.push([i, n]))));
    numbers(5).pipe(lanes).subscribe();
    expect(taken.map(([lane]) => lane)).toEqual([0, 1, 2, 0, 1]);
  });

  test('R-14: a lane that takes one item and ends does not freeze the others; its items go to them', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    const lanes = fanOut(3, (items$: Observable<number>, i) => (i === 1 ? items$.pipe(take(1)) : items$));
    probe.subscribe(numbers(6).pipe(lanes));
    expect([probe.ended, probe.values]).toEqual(['completed', [0, 1, 2, 3, 4, 5]]);
    flow.check();
  });

  test('R-14: a lane that gives up its items while it is not free, and works on', () => {
    const { operator, end } = manual(1);
    const probe = new Probe<unknown>(new TestFlow());
    const release = new Subject<void>();
    const lanes = fanOut(2, (items$: Observable<number>, i): Observable<unknown> => {
      if (i === 0) return items$.pipe(operator);
      return items$.pipe(
        take(1),
        concatMap(() => release),
      );
    });
    probe.subscribe(numbers(4).pipe(lanes));
    end(0);
    end(0);
    end(0);
    expect(probe.values).toEqual(['0:0', '0:2', '0:3']);
    expect(probe.ended).toBeUndefined();
    release.complete();
    expect(probe.ended).toBe('completed');
  });

  test('when all lanes have completed, the source is unsubscribed', () => {
    const source = new ProbeSource([0, 1, 2, 3, 4, 5]);
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.subscribe(source.items$.pipe(fanOut(2, (items$) => items$.pipe(take(1)), { name: 'fanOut' })));
    expect([probe.ended, probe.values, source.produced]).toEqual(['completed', [0, 1], 2]);
    flow.check();
    expect(flow.live.size).toBe(0);
  });

  test('when all have given up their items, the source waits until they have completed', () => {
    const source = new ProbeSource([0, 1, 2, 3, 4]);
    const release = new Subject<number>();
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    const lane = (items$: Observable<number>) => merge(items$.pipe(take(1)), release);
    probe.subscribe(source.items$.pipe(fanOut(2, lane, { name: 'fanOut' })));
    expect([probe.values, source.produced]).toEqual([[0, 1], 3]);
    release.complete();
    expect(probe.ended).toBe('completed');
    flow.check();
    expect(flow.node('fanOut').telemetry).toMatchObject({ in: 3, completed: 2, abandoned: 1 });
  });

  test('a lane may subscribe to its items late, again and again, and twice', () => {
    marbles(({ cold, expectObservable }) => {
      const late = fanOut(2, (items$: Observable<string>, i) =>
        i === 0 ? timer(5).pipe(concatMap(() => items$)) : items$.pipe(filter(() => false)),
      );
      expectObservable(cold('a-----b-|').pipe(late)).toBe('------b-|');
    });
    const again: number[] = [];
    numbers(5)
      .pipe(fanOut(1, (items$) => items$.pipe(take(2), repeat())))
      .pipe(take(5))
      .subscribe((n) => again.push(n));
    expect(again).toEqual([0, 1, 2, 3, 4]);
    const twice: string[] = [];
    numbers(2)
      .pipe(fanOut(1, (items$) => merge(items$.pipe(map((n) => `a${n}`)), items$.pipe(map((n) => `b${n}`)))))
      .subscribe((text) => twice.push(text));
    expect(twice).toEqual(['a0', 'b0', 'a1', 'b1']);
  });

  test('G5: while the gate below is closed, lanes without a stage take nothing', () => {
    const source = new ProbeSource([0, 1, 2, 3]);
    const probe = new Probe<number>(new TestFlow());
    probe.close();
    probe.subscribe(source.items$.pipe(fanOut(3, (items$) => items$)));
    expect(source.produced).toBe(1);
    probe.allow(2);
    expect([probe.values, source.produced]).toEqual([[0, 1], 3]);
    probe.open();
    expect([probe.values, probe.ended]).toEqual([[0, 1, 2, 3], 'completed']);
  });
});

describe("route 'roundRobin'", () => {
  test('is strict: one that is not free makes all wait', () => {
    const { operator, taken, end } = manual(3, { route: 'roundRobin' });
    numbers(9).pipe(operator).subscribe();
    end(1);
    end(2);
    expect(taken).toEqual([[0], [1], [2]]);
    end(0);
    expect(taken).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
  });

  test('R-14: leaves out the turn of a lane that has ended', () => {
    const taken: string[] = [];
    const lanes = fanOut(
      3,
      (items$: Observable<number>, i) => {
        const noted$ = items$.pipe(tap((n) => taken.push(`${i}:${n}`)));
        return i === 1 ? noted$.pipe(take(2)) : noted$;
      },
      { route: 'roundRobin' },
    );
    numbers(9).pipe(lanes).subscribe();
    expect(taken).toEqual(['0:0', '1:1', '2:2', '0:3', '1:4', '2:5', '0:6', '2:7', '0:8']);
  });

  test('does not wait for a lane that ends while it is its turn', () => {
    const work = new Subject<number>();
    const seen: number[] = [];
    const lanes = fanOut(
      2,
      (items$: Observable<number>, i) =>
        i === 1
          ? items$
          : items$.pipe(
              workerPool(() => work, { capacity: 0 }),
              take(1),
            ),
      { route: 'roundRobin' },
    );
    numbers(6)
      .pipe(lanes)
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual([1]);
    work.next(10);
    expect(seen).toEqual([1, 10, 2, 3, 4, 5]);
  });
});

/** Lanes by the first letter of an item, of which some end after one item. */
const byKey = (lanes: number, ended: (lane: number) => boolean = () => false) => {
  const taken: string[][] = Array.from({ length: lanes }, () => []);
  const key = vi.fn((item: string) => item[0]);
  const operator = fanOut(
    lanes,
    (items$: Observable<string>, i) =>
      items$.pipe(
        tap((item) => taken[i]!.push(item)),
        take(ended(i) ? 1 : Infinity),
      ),
    { route: { key } },
  );
  return { taken, key, operator };
};

describe('route { key }', () => {
  test('sends items of one key to the same lane, always the same, and asks for the key once', () => {
    const items = Array.from({ length: 200 }, (_, i) => `${'abcdefghijkl'[i % 12]}${i}`);
    const [first, second] = [byKey(4), byKey(4)];
    fromIterable(items).pipe(first.operator).subscribe();
    fromIterable(items).pipe(second.operator).subscribe();
    const homes = new Map<string, Set<number>>();
    for (const [lane, all] of first.taken.entries()) {
      for (const item of all) homes.set(item[0]!, (homes.get(item[0]!) ?? new Set()).add(lane));
    }
    expect([...homes.values()].every((lanes) => lanes.size === 1)).toBe(true);
    expect(first.taken.filter((all) => all.length > 0).length).toBeGreaterThan(1);
    expect(second.taken).toEqual(first.taken);
    expect(first.key).toHaveBeenCalledTimes(200);
  });

  test('asks for the key once also while the lane is not free', () => {
    const key = vi.fn((n: number) => n);
    const { operator, taken, end } = manual(2, { route: { key } });
    numbers(4).pipe(operator).subscribe();
    for (let i = 0; i < 8; i++) for (const lane of [0, 1]) if ((taken[lane]?.length ?? 0) > 0) end(lane);
    expect(taken.flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(key).toHaveBeenCalledTimes(4);
  });

  test('R-14: only the keys of a lane that has ended move', () => {
    const items = Array.from({ length: 60 }, (_, i) => `${'abcdefghijkl'[i % 12]}${i}`);
    const all = byKey(3);
    fromIterable(items).pipe(all.operator).subscribe();
    const one = byKey(3, (lane) => lane === 0);
    const seen: string[] = [];
    fromIterable(items)
      .pipe(one.operator)
      .subscribe((item) => seen.push(item));
    expect(seen).toHaveLength(60);
    for (const lane of [1, 2]) expect(one.taken[lane]).toEqual(expect.arrayContaining(all.taken[lane]!));
    expect(one.taken[0]).toEqual(all.taken[0]!.slice(0, 1));
  });

  test('what the key throws ends the flow, also when the lane became free later', () => {
    const failure = new Error('key');
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    const route = {
      key: (n: number) => {
        if (n === 1) throw failure;
        return 'one';
      },
    };
    probe.subscribe(numbers(3).pipe(manual(2, { route }).operator));
    expect([probe.ended, probe.error]).toEqual(['failed', failure]);
    flow.check();
  });

  test('a key may be an object, by its identity', () => {
    const [a, b] = [{}, {}];
    const taken = new Map<object, Set<number>>([
      [a, new Set()],
      [b, new Set()],
    ]);
    const lanes = fanOut(8, (items$: Observable<object>, i) => items$.pipe(tap((item) => taken.get(item)!.add(i))), {
      route: { key: (item) => item },
    });
    of(a, b, a, b, a).pipe(lanes).subscribe();
    expect([taken.get(a)!.size, taken.get(b)!.size]).toEqual([1, 1]);
  });
});

describe("route 'broadcast'", () => {
  test('sends every item to every lane, and the slowest holds the source back', () => {
    const source = new ProbeSource([0, 1, 2, 3], false);
    const { operator, taken, end } = manual(3, { route: 'broadcast' });
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    probe.subscribe(source.items$.pipe(operator));
    expect([taken, source.produced]).toEqual([[[0], [0], [0]], 2]);
    end(0);
    end(1);
    // Those that are free have had the next one already; the third holds the one after that back.
    expect([taken, source.produced]).toEqual([[[0, 1], [0, 1], [0]], 2]);
    end(2);
    expect([taken, source.produced]).toEqual([
      [
        [0, 1],
        [0, 1],
        [0, 1],
      ],
      3,
    ]);
    expect(flow.node('fanOut').telemetry).toMatchObject({ in: 3, completed: 2, out: 6 });
    expect(source.producedWhileClosed).toBe(0);
  });

  test('G5: lanes without a stage keep to the gate below, value by value', () => {
    const probe = new Probe<string>(new TestFlow());
    probe.close();
    const lanes = fanOut(2, (items$: Observable<number>, i) => items$.pipe(map((n) => `${i}:${n}`)), {
      route: 'broadcast',
    });
    probe.subscribe(numbers(3).pipe(lanes));
    probe.allow(1);
    expect(probe.values).toEqual(['0:0']);
    probe.allow(2);
    expect(probe.values).toEqual(['0:0', '1:0', '0:1']);
    probe.open();
    expect(probe.values).toEqual(['0:0', '1:0', '0:1', '1:1', '0:2', '1:2']);
    expect(probe.ended).toBe('completed');
  });

  test('R-14: a lane that ends early, or while others wait for it, does not freeze them', () => {
    const work = new Subject<number>();
    const seen: number[] = [];
    const lanes = fanOut(
      3,
      (items$: Observable<number>, i) => {
        if (i === 0) return items$.pipe(take(1));
        return i === 1
          ? items$.pipe(
              workerPool(() => work, { capacity: 0 }),
              take(1),
            )
          : items$.pipe(map((n) => n * 10));
      },
      { route: 'broadcast' },
    );
    numbers(4)
      .pipe(lanes)
      .subscribe((value) => seen.push(value));
    // The third has had the second item; the one after that waits for the lane between.
    expect(seen).toEqual([0, 0, 10]);
    work.next(-1);
    expect(seen).toEqual([0, 0, 10, -1, 20, 30]);
  });

  test('when all lanes have ended the source is unsubscribed', () => {
    const source = new ProbeSource([0, 1, 2, 3]);
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    const lanes = fanOut(2, (items$: Observable<number>) => items$.pipe(take(2)), {
      route: 'broadcast',
      name: 'fanOut',
    });
    probe.subscribe(source.items$.pipe(lanes));
    expect([probe.values, probe.ended, source.produced]).toEqual([[0, 0, 1, 1], 'completed', 2]);
    flow.check();
    expect(flow.live.size).toBe(0);
  });

  test('a lane with a policy of its own holds nobody back, and what it gives up is counted and told', () => {
    const dropped: [number, string, number][] = [];
    const { operator, taken, end } = manual(2, {
      route: 'broadcast',
      capacity: 2,
      overflow: ['wait', 'dropOldest'],
      onDrop: (item, reason, lane) => dropped.push([item, reason, lane]),
    });
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    probe.subscribe(numbers(6).pipe(operator));
    for (let i = 0; i < 6; i++) end(0);
    expect(taken[0]).toEqual([0, 1, 2, 3, 4, 5]);
    end(1);
    end(1);
    end(1);
    expect(taken[1]).toEqual([0, 4, 5]);
    expect(dropped).toEqual([
      [1, 'dropOldest', 1],
      [2, 'dropOldest', 1],
      [3, 'dropOldest', 1],
    ]);
    expect(flow.node('fanOut[1]').telemetry).toMatchObject({ in: 6, dropped: 3, completed: 3 });
    expect(probe.ended).toBe('completed');
    flow.check();
  });

  test("'latest' alone takes no other capacity than 1", () => {
    const options = { route: 'broadcast', overflow: 'latest', capacity: 5 } as const;
    expect(() => fanOut(2, (items$: Observable<number>) => items$, options)).toThrow(
      `fanOut(): "capacity" must be 1 or left out with overflow 'latest'. Received 5`,
    );
  });

  test("'latest' needs no capacity, and merging makes one of two", () => {
    const { operator, taken, end } = manual(2, {
      route: 'broadcast',
      capacity: 1,
      overflow: ['latest', { merge: (a, b) => a + b }],
    });
    numbers(6).pipe(operator).subscribe();
    end(0);
    end(1);
    expect(taken).toEqual([
      [0, 5],
      [0, 1 + 2 + 3 + 4 + 5],
    ]);
  });
});

describe('capacity', () => {
  test('lets so many items wait in front of each lane', () => {
    const source = new ProbeSource(
      Array.from({ length: 20 }, (_, i) => i),
      false,
    );
    const { operator } = manual(2, { capacity: 3 });
    source.items$.pipe(operator).subscribe();
    // In each lane one at work and three before it, and one that is next.
    expect(source.produced).toBe(2 * (1 + 3) + 1);
  });
});

describe('many items', () => {
  test.each([...ROUTES, { key: (n: number) => n % 7 }])(
    'R-22: 100,000 synchronous items leave the stack flat: %o',
    (route) => {
      let count = 0;
      numbers(100_000)
        .pipe(fanOut(3, (items$) => items$.pipe(workerPool((n) => n, { concurrency: 2 })), { route }))
        .subscribe(() => count++);
      expect(count).toBe(route === 'broadcast' ? 300_000 : 100_000);
    },
  );

  test.each(ROUTES)('R-23, %s: a firehose is stopped in the middle', (route) => {
    let made = 0;
    const endless = fromIterable(function* () {
      for (;;) yield made++;
    });
    const taken: number[] = [];
    endless
      .pipe(
        fanOut(2, (items$: Observable<number>) => items$, { route }),
        take(4),
      )
      .subscribe((n) => taken.push(n));
    expect(taken).toEqual(route === 'broadcast' ? [0, 0, 1, 1] : [0, 1, 2, 3]);
    expect(made).toBe(route === 'broadcast' ? 2 : 4);
  });

  test('R-20: what the consumer sends back into the source comes after what is there', () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const source = new Subject<number>();
    const seen: number[] = [];
    source.pipe(fanOut(2, (items$: Observable<number>) => items$)).subscribe((n) => {
      seen.push(n);
      if (n < 4) source.next(n + 1);
    });
    source.next(0);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test('time: nothing of fanOut takes any', () => {
    marbles(({ cold, expectObservable }) => {
      const lanes = fanOut(2, (items$: Observable<string>, i) => items$.pipe(delay(i)));
      expectObservable(cold('a--b--c|').pipe(lanes)).toBe('a---b-c|');
    });
  });
});

test('conservation: under any order of events nothing is lost or doubled, and lanes keep the order (1,000 runs)', () => {
  const act = fc.tuple(fc.constantFrom('end', 'end', 'end', 'open', 'close', 'stop'), fc.nat(2));
  const route = fc.constantFrom<FanOutOptions<number>['route']>('free', 'roundRobin', 'broadcast', {
    key: (n) => n % 5,
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), route, fc.nat(25), (acts, given, count) => {
      const flow = new TestFlow();
      const probe = new Probe<string>(flow);
      const taken: number[][] = [[], [], []];
      const works: (Subject<string> | undefined)[] = [];
      const stops = [new Subject<void>(), new Subject<void>(), new Subject<void>()];
      let stopped = 0;
      const lanes = fanOut(
        3,
        (items$: Observable<number>, i) => {
          const work = (item: number): Observable<string> => {
            taken[i]!.push(item);
            return (works[i] = new Subject());
          };
          // A lane that is stopped gives up its items, and what it has in hand goes on.
          const until = merge(items$, stops[i]!.pipe(map(() => -1))).pipe(takeWhile((n) => n >= 0));
          return until.pipe(workerPool(work, { capacity: 0, name: `lane ${i}` }));
        },
        { route: given, name: 'fanOut' },
      );
      const source = new ProbeSource(Array.from({ length: count }, (_, i) => i));
      probe.subscribe(source.items$.pipe(lanes));
      const end = (lane: number): void => {
        const work = works[lane];
        works[lane] = undefined;
        work?.next(`${lane}:${taken[lane]!.at(-1)}`);
        work?.complete();
      };
      for (const [name, n] of acts) {
        if (name === 'end') end(n);
        else if (name === 'open') probe.open();
        else if (name === 'close') probe.close();
        else if (stopped++ === 0) stops[n]!.next();
        flow.check();
      }
      probe.open();
      for (const stop of stops) stop.complete();
      for (let round = 0; round < 200 && probe.ended === undefined; round++) [0, 1, 2].forEach(end);
      expect(probe.ended).toBe('completed');
      expect(source.producedWhileClosed).toBe(0);
      for (const own of taken) expect(own).toEqual(own.toSorted((a, b) => a - b));
      const all = taken.flat();
      if (given === 'broadcast') {
        if (stopped === 0) expect(taken).toEqual([0, 1, 2].map(() => Array.from({ length: count }, (_, i) => i)));
      } else expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      flow.check();
      expect(flow.live.size).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

describe('fanOut, where a teardown throws', () => {
  test('R-35: an error of the source is delivered, and the other lanes are ended', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const ended = vi.fn();
    const lanes = fanOut(3, (items$: Observable<number>, i) => items$.pipe(finalize(i === 1 ? throws : ended)));
    const probe = new Probe<number>(flow).subscribe(source.pipe(lanes));
    source.error('boom');
    expect([probe.error, ended.mock.calls.length, flow.live.size]).toEqual(['boom', 2, 0]);
    expect(told(flow)).toEqual([[[torn], 'fanOut']]);
  });

  test('R-35: an error of a lane is delivered, and the source is left', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const lanes = fanOut(2, (items$: Observable<number>, i) =>
      i === 0 ? items$.pipe(finalize(throws)) : throwError(() => 'boom'),
    );
    const probe = new Probe<number>(flow).subscribe(source.pipe(lanes));
    expect([probe.error, source.observed, flow.live.size]).toEqual(['boom', false, 0]);
    expect(told(flow)).toEqual([[[torn], 'fanOut']]);
  });

  test('R-35: the end of one lane does not keep the others from theirs', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const lanes = fanOut(2, (items$: Observable<number>, i) => (i === 0 ? items$.pipe(finalize(throws)) : items$));
    const probe = new Probe<number>(flow).subscribe(source.pipe(lanes));
    source.complete();
    expect([probe.ended, flow.live.size]).toEqual(['completed', 0]);
    expect(told(flow)).toEqual([[[torn], 'fanOut']]);
  });

  test('R-35: a lane that works on although its input has not ended well is waited for', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const work = new Subject<number>();
    const lanes = fanOut(2, (items$: Observable<number>, i) =>
      i === 0
        ? items$.pipe(
            finalize(throws),
            workerPool(() => work),
          )
        : items$,
    );
    const probe = new Probe<number>(flow).subscribe(source.pipe(lanes));
    source.next(1);
    source.complete();
    expect([probe.ended, told(flow)]).toEqual([undefined, [[[torn], 'fanOut']]]);
    work.next(2);
    work.complete();
    expect([probe.values, probe.ended, flow.live.size]).toEqual([[2], 'completed', 0]);
  });

  test('R-35: when all lanes have completed, so has the stage, although its source does not end well', () => {
    const flow = new TestFlow();
    const items = new Subject<number>();
    const source = new Observable<number>((subscriber) => {
      items.subscribe(subscriber);
      return throws;
    });
    const lanes = fanOut(1, (items$: Observable<number>) => items$.pipe(take(1)));
    const probe = new Probe<number>(flow).subscribe(source.pipe(lanes));
    items.next(1);
    expect([probe.values, probe.ended, items.observed, flow.live.size]).toEqual([[1], 'completed', false, 0]);
    expect(told(flow)).toEqual([[[torn], 'fanOut']]);
  });
});

describe('the types of fanOut', () => {
  test('flow through the lanes', () => {
    const made = of(1).pipe(
      fanOut(
        2,
        (items$, index) => {
          expectTypeOf(items$).toEqualTypeOf<Observable<number>>();
          expectTypeOf(index).toEqualTypeOf<number>();
          return items$.pipe(map((n) => `${n}`));
        },
        { route: { key: (n) => n % 2 } },
      ),
    );
    expectTypeOf(made).toEqualTypeOf<Observable<string>>();
    expectTypeOf(of(1).pipe(fanOut(2, (items$) => items$.pipe(ignoreElements())))).toEqualTypeOf<Observable<never>>();
  });

  test('refuse what cannot work', () => {
    expectTypeOf(() => {
      // @ts-expect-error -- no such route
      fanOut(2, (items$: Observable<number>) => items$, { route: 'any' });
      // @ts-expect-error -- a lane gives an Observable
      fanOut(2, () => 5);
    }).toBeFunction();
  });
});
