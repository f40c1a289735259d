import fc from 'fast-check';
import {
  from,
  map,
  mergeMap,
  NEVER,
  of,
  Subject,
  take,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { dedupe } from '../../src/operators/dedupe.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';
import { timeline } from './timeline.ts';

beforeEach(() => {
  // Some of these sources cannot be paused.
  vi.spyOn(hooks, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('dedupe', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('aabab-c-|');
      const subs = '       ^-------!';
      const expected = '   a-b---c-|';
      expectObservable(source.pipe(dedupe({ max: 1000 }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-03, R-04, G6: an empty source, one that says nothing, and an error at a closed gate', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const shut = gated('x');
      expectObservable(cold('---|').pipe(dedupe({ max: 1 }))).toBe('---|');
      expectObservable(NEVER.pipe(dedupe({ max: 1 })), '---!').toBe('----');
      expectObservable(cold('ab-#').pipe(dedupe({ max: 9 }), shut)).toBe('---#');
    });
  });

  test('by key: the first item of a key comes through', () => {
    const seen: string[] = [];
    of('a1', 'b1', 'a2', 'c1', 'b2')
      .pipe(dedupe({ key: (x) => x[0], max: 9 }))
      .subscribe((x) => seen.push(x));
    expect(seen).toEqual(['a1', 'b1', 'c1']);
  });

  test('keys are told apart as those of a Map: also undefined, NaN and objects', () => {
    const object = {};
    const keys = [undefined, null, NaN, 0, '', false, '0', object, {}];
    const seen: unknown[] = [];
    of(...keys, ...keys.slice(0, 8), -0)
      .pipe(dedupe({ max: 99 }))
      .subscribe((x) => seen.push(x));
    expect(seen).toEqual(keys);
  });

  test('max: forgets the key that did not come for longest; a duplicate counts as coming', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  abacbca|';
      const expected = 'ab-cb-a|';
      expectObservable(cold(source).pipe(dedupe({ max: 2 }))).toBe(expected);
    });
  });

  test('ttl: counts from the item that was let through, not from its duplicates', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  aaaaaaaaaa|';
      const expected = 'a---a---a-|';
      expectObservable(cold(source).pipe(dedupe({ max: 9, ttl: 4 }))).toBe(expected);
    });
  });

  test('ttl of 0: a key is forgotten at once', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('a(aa)-a|').pipe(dedupe({ max: 9, ttl: 0 }))).toBe('a(aa)-a|');
    });
  });

  test('R-50: the wall clock changes nothing, and there is no timer', () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'setInterval'] });
    try {
      const source = new Subject<string>();
      const probe = new Probe<string>().subscribe(source.pipe(dedupe({ max: 9, ttl: 1e6 })));
      source.next('a');
      vi.setSystemTime(vi.getMockedSystemTime()!.getTime() + 3_600_000);
      source.next('a');
      expect([probe.values, vi.getTimerCount()]).toEqual([['a'], 0]);
      probe.unsubscribe();
    } finally {
      vi.useRealTimers();
    }
  });

  test('G1: above a closed gate it holds one item, and goes on giving duplicates up', () => {
    const dropped: number[] = [];
    const source = new ProbeSource([1, 1, 2, 2, 3]);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.items$.pipe(dedupe({ max: 9, onDrop: (n) => dropped.push(n) })));
    expect(source.produced).toBe(1);
    probe.allow(1);
    expect([probe.values, source.produced, dropped]).toEqual([[1], 3, [1]]);
    probe.open();
    expect([probe.values, dropped, probe.ended, source.producedWhileClosed]).toEqual([
      [1, 2, 3],
      [1, 2],
      'completed',
      0,
    ]);
  });

  test('the gate that its source sees', () => {
    marbles(({ gated, expectObservable, expectGate }) => {
      const demand = gated<string>('o-x--o');
      const source = new ProbeSource('aab', false);
      expectObservable(source.items$.pipe(dedupe({ max: 9 }), demand), '------!').toBe('(ab)');
      expectGate(source).toBe('o----- ');
    });
  });

  test('R-05: two subscriptions remember for themselves', () => {
    const once = of('a', 'a').pipe(dedupe({ max: 9 }));
    const seen: string[] = [];
    once.subscribe((x) => seen.push(x));
    once.subscribe((x) => seen.push(x));
    expect(seen).toEqual(['a', 'a']);
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    fromIterable(function* () {
      for (;;) yield made++ >> 1;
    })
      .pipe(dedupe({ max: 5 }), take(3))
      .subscribe();
    expect(made).toBe(5);
  });

  test('R-20: what the consumer, key or onDrop send back', () => {
    const source = new Subject<string>();
    const probe = new Probe<string>();
    probe.onNext = (x) => {
      if (x === 'a') ['a', 'b'].forEach((next) => source.next(next));
    };
    probe.subscribe(
      source.pipe(
        dedupe({
          key: (x) => (x === 'e' && source.next('f'), x),
          max: 9,
          onDrop: (x) => source.next(`${x}!`),
        }),
      ),
    );
    for (const x of ['a', 'e']) source.next(x);
    expect(probe.values).toEqual(['a', 'a!', 'b', 'f', 'e']);
    probe.unsubscribe();
  });

  test('what key or onDrop throws ends the flow', () => {
    const error = new Error('thrown');
    const thrower = (): never => {
      throw error;
    };
    for (const options of [{ key: thrower }, { onDrop: thrower }]) {
      const source = new Subject<number>();
      const probe = new Probe<number>().subscribe(source.pipe(dedupe({ max: 9, ...options })));
      source.next(1);
      source.next(1);
      expect([probe.error, source.observed]).toEqual([error, false]);
    }
  });

  test('key may unsubscribe', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.subscribe(source.pipe(dedupe({ max: 9, key: () => probe.unsubscribe() })));
    source.next(1);
    expect([probe.values, source.observed]).toEqual([[], false]);
  });

  test('R-22: 100,000 items', () => {
    let seen = 0;
    fromIterable(Array.from({ length: 100_000 }, (_, n) => n >> 1))
      .pipe(dedupe({ max: 1_000 }))
      .subscribe(() => seen++);
    expect(seen).toBe(50_000);
  });

  test('lets through what a model lets through, whatever comes', () => {
    const steps = fc.array(fc.tuple(fc.nat(6), fc.nat(9)), { maxLength: 80 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), fc.option(fc.nat(12), { nil: undefined }), (all, max, ttl) => {
        // The first is the one that did not come for longest.
        const model = new Map<number, number>();
        const expected: string[] = [];
        let time = 0;
        const arrivals = all.map(([gap, key]) => {
          time += gap;
          const since = model.get(key);
          const isNew = since === undefined || (ttl !== undefined && time - since >= ttl);
          model.delete(key);
          model.set(key, isNew ? time : since);
          if (model.size > max) model.delete(model.keys().next().value!);
          if (isNew) expected.push(`${time}:${key}`);
          return { time, key };
        });
        const seen = timeline(() =>
          from(arrivals).pipe(
            mergeMap((it) => timer(it.time).pipe(map(() => it.key))),
            dedupe({ max, ttl }),
          ),
        );
        if (arrivals.length > 0) expected.push(`${time}:|`);
        else expected.push('0:|');
        expect(seen).toBe(expected.join(' '));
      }),
      { numRuns: 1_000 },
    );
  });

  test('R-32: what a callback throws that has unsubscribed is late, and the source hears nothing of it', () => {
    const late = vi.spyOn(hooks, 'lateError').mockImplementation(() => {});
    const mine = new Error('mine');
    const source = new Subject<number>();
    const key = (): never => {
      subscription.unsubscribe();
      throw mine;
    };
    const subscription = source.pipe(dedupe({ max: 9, key, name: 'links' })).subscribe();
    source.next(1);
    expect(late.mock.calls).toEqual([[mine, 'links']]);
  });

  test('counts what it gives up', () => {
    const flow = new TestFlow();
    new Probe<number>(flow).subscribe(fromIterable([1, 1, 2, 1]).pipe(dedupe({ max: 9, name: 'links' })));
    expect(flow.node('links').telemetry).toMatchObject({ in: 4, completed: 2, out: 2, dropped: 2 });
    flow.check();
  });
});

describe('bad options of dedupe', () => {
  test.each([
    [{}, 'max', TypeError],
    [{ max: 0 }, 'max', RangeError],
    [{ max: Infinity }, 'max', RangeError],
    [{ max: 2 ** 23 + 1 }, 'max', RangeError],
    [{ max: 1, ttl: -1 }, 'ttl', RangeError],
    [{ max: 1, key: 'id' }, 'key', TypeError],
  ])('%o', (options, option, type) => {
    const error = thrownBy(() => dedupe(options as never));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });
});

describe('the types of dedupe', () => {
  test('are those of the items', () => {
    expectTypeOf(of(1).pipe(dedupe({ max: 1 }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(dedupe<string>({ max: 1 })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
    of({ href: 'a' }).pipe(
      dedupe({
        max: 1,
        key: (link) => {
          expectTypeOf(link).toEqualTypeOf<{ href: string }>();
          return link.href;
        },
      }),
    );
    expectTypeOf(() => {
      // @ts-expect-error -- max is needed
      dedupe({ ttl: 1 });
    }).toBeFunction();
  });
});
