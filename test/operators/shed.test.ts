import { NEVER, of, Subject, take, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { now } from '../../src/core/clock.ts';
import { shed, type ShedOptions } from '../../src/operators/shed.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';
import { timeline } from './timeline.ts';

/** Notes what is given up, when and why. */
function noting(options: ShedOptions<string>): { dropped: string[]; operator: MonoTypeOperatorFunction<string> } {
  const dropped: string[] = [];
  const onDrop = (item: string, reason: string): void => void dropped.push(`${now()}:${item} ${reason}`);
  return { dropped, operator: shed({ ...options, onDrop }) };
}

const failing = (): never => {
  throw new TypeError('onDrop');
};

describe('shed', () => {
  test.each([
    ['newest', ['a', 'b', 'c'], ['d maxAge']],
    ['oldest', ['a', 'b'], ['c maxAge', 'd maxAge']],
  ] as const)('maxAge 0 (%s): what need not wait passes', (drop, passed, givenUp) => {
    const { dropped, operator } = noting({ when: { maxAge: 0 }, drop });
    const source = new Subject<string>();
    const probe = new Probe<string>().subscribe(source.pipe(operator));
    source.next('a');
    source.next('b');
    probe.close();
    source.next('c');
    source.next('d');
    probe.open();
    expect([probe.values, dropped.map((entry) => entry.replace(/.*:/, ''))]).toEqual([passed, givenUp]);
    probe.unsubscribe();
  });

  test('does what the diagram in its comment says', () => {
    const { dropped, operator } = noting({ when: { maxDepth: 2 } });
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x----o----');
      const source = cold('         abcd-----|');
      const expected = '            -----(ab)|';
      expectObservable(source.pipe(operator, demand)).toBe(expected);
    });
    expect(dropped).toEqual(['2:c maxDepth', '3:d maxDepth']);
  });

  test('many items through an open gate: nothing is given up', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-(bcd)-e|');
      const subs = '       ^--------!';
      expectObservable(source.pipe(shed({ when: { maxDepth: 1, maxAge: 0 } }))).toBe('a-(bcd)-e|');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-03, R-04: an empty source and one that says nothing', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('|').pipe(shed({ when: { maxDepth: 1 } }))).toBe('|');
      expectObservable(NEVER.pipe(shed({ when: { maxAge: 1 } })), '---!').toBe('----');
    });
  });

  test('R-15: an error passes a closed gate at once; completion when nothing is held', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const shut = gated('x');
      expectObservable(cold('ab--#').pipe(shed({ when: { maxAge: 9 } }), shut)).toBe('----#');
      expectObservable(cold('----|').pipe(shed({ when: { maxAge: 9 } }), shut)).toBe('----|');
    });
  });

  test('R-05: two subscriptions know nothing of each other', () => {
    const source = new Subject<number>();
    const shared = source.pipe(shed({ when: { maxDepth: 1 } }));
    const [slow, fast] = [new Probe<number>(), new Probe<number>()];
    slow.close();
    slow.subscribe(shared);
    fast.subscribe(shared);
    for (const n of [1, 2, 3]) source.next(n);
    slow.open();
    expect([slow.values, fast.values]).toEqual([[1], [1, 2, 3]]);
    for (const probe of [slow, fast]) probe.unsubscribe();
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    fromIterable(function* () {
      for (;;) yield made++;
    })
      .pipe(shed({ when: { maxDepth: 5 } }), take(3))
      .subscribe();
    expect(made).toBe(3);
  });

  test('R-20: what the consumer sends back waits its turn, and counts as depth', () => {
    const source = new Subject<number>();
    const dropped: number[] = [];
    const probe = new Probe<number>();
    probe.onNext = (n) => {
      if (n === 1) [2, 3, 4].forEach((next) => source.next(next));
    };
    probe.subscribe(source.pipe(shed({ when: { maxDepth: 2 }, onDrop: (n) => dropped.push(n) })));
    source.next(1);
    expect([probe.values, dropped]).toEqual([[1, 2, 3], [4]]);
    probe.unsubscribe();
  });

  test('R-21: onDrop may unsubscribe, and send', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.close();
    const dropped: number[] = [];
    const onDrop = (n: number): void => {
      dropped.push(n);
      if (n < 5) source.next(n + 10);
      else probe.unsubscribe();
    };
    probe.subscribe(source.pipe(shed({ when: { maxDepth: 1 }, drop: 'oldest', onDrop })));
    // 2 takes the place of 1, which sends 11, for which 2 goes, which sends 12, for which 11 goes.
    for (const n of [1, 2]) source.next(n);
    expect([dropped, probe.isClosed, source.observed]).toEqual([[1, 2, 11], true, false]);
  });

  test('R-22: 100,000 items at a closed gate cost no stack', () => {
    let dropped = 0;
    const probe = new Probe<number>();
    probe.close();
    const source = fromIterable(Array.from({ length: 100_000 }, (_, n) => n));
    probe.subscribe(source.pipe(shed({ when: { maxDepth: 10 }, drop: 'oldest', onDrop: () => dropped++ })));
    probe.open();
    expect([dropped, probe.values.length, probe.values.at(-1), probe.ended]).toEqual([99_990, 10, 99_999, 'completed']);
  });
});

describe("drop: 'newest'", () => {
  test('while the oldest has waited maxAge, what arrives is given up, and what waits is served', () => {
    const { dropped, operator } = noting({ when: { maxAge: 3 } });
    const result = timeline(({ cold, gated }) => {
      const demand = gated<string>('x------o   ');
      const source = cold('         ab-cd----e|');
      return source.pipe(operator, demand);
    });
    expect(result).toBe('7:a 7:b 9:e 10:|');
    expect(dropped).toEqual(['3:c maxAge', '4:d maxAge']);
  });
});

describe("drop: 'oldest'", () => {
  test('every item that has waited maxAge is given up at that moment, also while no other comes', () => {
    const { dropped, operator } = noting({ when: { maxAge: 3 }, drop: 'oldest' });
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x-----o  ');
      const source = cold('         ab--c---|');
      const expected = '            ------c-|';
      expectObservable(source.pipe(operator, demand)).toBe(expected);
    });
    expect(dropped).toEqual(['3:a maxAge', '4:b maxAge']);
  });

  test('the last one given up lets the flow complete', () => {
    const { dropped, operator } = noting({ when: { maxAge: 3 }, drop: 'oldest' });
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('-a|').pipe(operator, gated('x'))).toBe('----|');
    });
    expect(dropped).toEqual(['4:a maxAge']);
  });

  test('at maxDepth the oldest makes room for the newest', () => {
    const { dropped, operator } = noting({ when: { maxDepth: 2 }, drop: 'oldest' });
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x----o----');
      const source = cold('         abcd-----|');
      const expected = '            -----(cd)|';
      expectObservable(source.pipe(operator, demand)).toBe(expected);
    });
    expect(dropped).toEqual(['2:a maxDepth', '3:b maxDepth']);
  });

  test('what onDrop throws ends the flow, from a timer, too', () => {
    const result = timeline(({ cold, gated }) =>
      cold('a').pipe(shed({ when: { maxAge: 4 }, drop: 'oldest', onDrop: failing }), gated('x')),
    );
    expect(result).toBe('4:#TypeError');
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.pipe(shed({ when: { maxDepth: 1 }, onDrop: failing })));
    [1, 2].forEach((n) => source.next(n));
    expect([probe.ended, source.observed]).toEqual(['failed', false]);
  });

  test('onDrop may unsubscribe from within the timer', () => {
    const seen: string[] = [];
    const result = timeline(({ cold, gated }, stop) => {
      const onDrop = (item: string): void => {
        seen.push(item);
        stop();
      };
      return cold('(ab)').pipe(shed({ when: { maxAge: 4 }, drop: 'oldest', onDrop }), gated('x'));
    });
    expect([result, seen]).toEqual(['', ['a']]);
  });

  test('R-42: no timer is left when nothing waits or all is over', () => {
    vi.useFakeTimers();
    try {
      const source = new Subject<number>();
      const probe = new Probe<number>();
      probe.close();
      probe.subscribe(source.pipe(shed({ when: { maxAge: 1000 }, drop: 'oldest' })));
      expect(vi.getTimerCount()).toBe(0);
      source.next(1);
      expect(vi.getTimerCount()).toBe(1);
      probe.unsubscribe();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the counts of shed', () => {
  test.each(['newest', 'oldest'] as const)('drop: %s: every item is counted once', (drop) => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const probe = new Probe<number>(flow);
    probe.close();
    const check = (): void => flow.check();
    probe.subscribe(source.pipe(shed({ when: { maxDepth: 2 }, drop, onDrop: check })));
    for (let n = 0; n < 6; n++) source.next(n);
    probe.allow(1);
    const { telemetry } = flow.node('shed');
    expect(telemetry).toMatchObject({ in: 6, dropped: 4, completed: 1, peak: 2 });
    probe.unsubscribe();
    expect(telemetry.abandoned).toBe(1);
    flow.check();
  });

  test('at most 1,000 items wait where maxDepth is not given', () => {
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(fromIterable(Array.from({ length: 3_000 }, (_, n) => n)).pipe(shed({ when: { maxAge: 1e6 } })));
    probe.open();
    expect(probe.values.length).toBe(1_000);
  });
});

describe('bad options of shed', () => {
  test.each([
    [undefined, 'when', TypeError],
    [{}, 'when', TypeError],
    [{ maxAge: undefined }, 'when', TypeError],
    [[], 'when', TypeError],
    [{ maxAge: '1s' }, 'when.maxAge', TypeError],
    [{ maxAge: -1 }, 'when.maxAge', RangeError],
    [{ maxAge: 2 ** 31 }, 'when.maxAge', RangeError],
    [{ maxDepth: 0 }, 'when.maxDepth', RangeError],
    [{ maxLoopDelay: NaN }, 'when.maxLoopDelay', RangeError],
    [{ maxage: 1 }, 'options', TypeError],
  ])('when: %o', (when, option, type) => {
    const error = thrownBy(() => shed({ when: when as never }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });
});

describe('the types of shed', () => {
  test('are those of the items', () => {
    expectTypeOf(of(1).pipe(shed({ when: { maxAge: 1 } }))).toEqualTypeOf<Observable<number>>();
    of('a').pipe(
      shed({
        when: { maxDepth: 1 },
        onDrop: (item, reason) => {
          expectTypeOf(item).toEqualTypeOf<string>();
          expectTypeOf(reason).toEqualTypeOf<'maxAge' | 'maxDepth' | 'maxLoopDelay'>();
        },
      }),
    );
    expectTypeOf(() => {
      // @ts-expect-error -- limits are needed
      shed({});
    }).toBeFunction();
  });
});
