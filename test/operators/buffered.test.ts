import { type Observable, Subject, from, of, take, type MonoTypeOperatorFunction } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { buffered, type BufferedOptions, type Overflow } from '../../src/operators/buffered.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { badCounts, badFunctions, badNames, badObjects, badWords, table, thrownBy } from './badOptions.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type Drop = [item: unknown, reason: string];

/** A source that no one can pause, sending into a buffer that nothing leaves until the probe is opened. */
function held(options: BufferedOptions<number>, items = [1, 2, 3, 4, 5], onDrop?: BufferedOptions<number>['onDrop']) {
  const flow = new TestFlow();
  const probe = new Probe<number>(flow);
  const source = new Subject<number>();
  const drops: Drop[] = [];
  probe.close();
  const record = (item: number, reason: string): void => void drops.push([item, reason]);
  probe.subscribe(source.pipe(buffered({ ...options, onDrop: onDrop ?? record })));
  for (const item of items) {
    source.next(item);
    flow.check();
  }
  return { flow, probe, source, drops, ...flow.node('buffered') };
}

const POLICIES: Overflow<string>[] = ['wait', 'dropOldest', 'dropNewest', 'latest', 'fail', { merge: (a, b) => a + b }];

describe('buffered', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = '  x----o     ';
      const source = '  abcd|      ';
      const expected = '-----(cd|) ';
      const gate = gated<string>(demand);
      expectObservable(cold(source).pipe(buffered({ capacity: 2, overflow: 'dropOldest' }), gate)).toBe(expected);
    });
  });

  test.each(POLICIES)('%o: with the gate open everything passes as it comes', (overflow) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-(bcd)--e-|');
      const subs = '       ^-----------!';
      const expected = '   -a-(bcd)--e-|';
      const capacity = overflow === 'latest' ? undefined : 1;
      expectObservable(source.pipe(buffered({ capacity, overflow }))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test.each(POLICIES)('R-03, R-04, %o: empty, never, an error, an early unsubscribe', (overflow) => {
    marbles(({ cold, gated, expectObservable, expectSubscriptions }) => {
      const stage = buffered<string>({ capacity: overflow === 'latest' ? undefined : 1, overflow });
      const shut = gated<string>('                     x   ');
      expectObservable(cold('|').pipe(stage, shut)).toBe('|   ');
      expectObservable(cold('-').pipe(stage, shut)).toBe('-   ');
      // G6: an error passes a closed gate at once, and what is held is given up.
      expectObservable(cold('-a-#').pipe(stage, gated('x'))).toBe('---#');
      const source = cold('ab--|');
      const unsub = '      -!   ';
      expectObservable(source.pipe(stage), unsub).toBe('a');
      expectSubscriptions(source.subscriptions).toBe('^!');
    });
  });

  test('completes when everything held has left', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x----o    ');
      const source = cold('         ab|       ');
      const expected = '            -----(ab|)';
      expectObservable(source.pipe(buffered({ capacity: 5 }), demand)).toBe(expected);
    });
  });

  test('R-11: what is held leaves before what comes later, over and over', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('--x---o-------x-o  ');
      const source = cold('         abcde-------f-gh--|');
      const expected = '            ab----(cde)-f---(gh|)';
      expectObservable(source.pipe(buffered({ capacity: Infinity }), demand, take(8))).toBe(expected);
    });
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const seen: number[] = [];
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    source.pipe(buffered({ capacity: 9 }), take(3)).subscribe((n) => seen.push(n));
    expect([seen, made]).toEqual([[0, 1, 2], 3]);
  });

  test('R-06: false values are kept like any other', () => {
    const odd = [undefined, null, 0, '', NaN, false];
    const probe = new Probe<unknown>();
    probe.close();
    probe.subscribe(fromIterable(odd).pipe(buffered({ capacity: 10 })));
    probe.open();
    expect([probe.values, probe.ended]).toEqual([odd, 'completed']);
  });

  test('R-05: two subscriptions have a buffer each', () => {
    const source = new Subject<number>();
    const result = source.pipe(buffered({ capacity: 1, overflow: 'dropOldest' }));
    const [first, second] = [new Probe<number>(), new Probe<number>()];
    first.close();
    second.close();
    first.subscribe(result);
    source.next(1);
    second.subscribe(result);
    source.next(2);
    first.open();
    second.open();
    expect([first.values, second.values]).toEqual([[2], [2]]);
  });

  test('R-20: what the consumer sends back comes after what is held', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.pipe(buffered({ capacity: 9 })));
    source.next(1);
    source.next(2);
    probe.onNext = (n) => n < 5 && source.next(n + 10);
    probe.open();
    expect(probe.values).toEqual([1, 2, 11, 12]);
  });
});

describe("overflow 'wait'", () => {
  test('G1, G2: holds capacity, and its source back', () => {
    let made = 0;
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.pipe(buffered({ capacity: 3 })));
    expect(made).toBe(3);
    probe.allow(2);
    expect([probe.values, made]).toEqual([[0, 1], 5]);
    probe.unsubscribe();
  });

  test('G7: a source that cannot be paused loses nothing, and there is one warning', () => {
    const warnings: string[] = [];
    vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
    const { probe, telemetry, drops } = held({ capacity: 2 });
    probe.open();
    expect([probe.values, drops, telemetry.peak]).toEqual([[1, 2, 3, 4, 5], [], 5]);
    expect(warnings).toEqual([expect.stringContaining('Stage "buffered" is sent more than the 2 items it may hold.')]);
  });

  test('G7: beyond overflowLimit it fails, with the numbers', () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const { probe, flow, source } = held({ capacity: 2, overflowLimit: 2 });
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ code: 'ERR_OVERFLOW', stage: 'buffered', held: 4, bound: 2 });
    expect([source.observed, flow.node('buffered').telemetry.in]).toEqual([false, 5]);
    flow.check();
  });

  test('G7: in a strict run the first item too many fails', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const probe = new Probe<number>(flow);
    probe.close();
    const source = new Subject<number>();
    probe.subscribe(source.pipe(buffered({ capacity: 2, name: 'ticks' })));
    for (const n of [1, 2, 3, 4]) source.next(n);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ stage: 'ticks', held: 3, bound: 2 });
    expect(source.observed).toBe(false);
    flow.check();
  });

  test('Infinity holds everything and never warns, in a strict run too', () => {
    const warn = vi.spyOn(hooks, 'warn');
    const many = Array.from({ length: 10_000 }, (_, i) => i);
    const { probe } = held({ capacity: Infinity }, many);
    probe.open();
    expect([probe.values, warn.mock.calls]).toEqual([many, []]);
  });
});

describe('a policy that gives items up', () => {
  test.each([
    ['dropOldest', 2, [4, 5], [1, 2, 3]],
    ['dropNewest', 2, [1, 2], [3, 4, 5]],
    ['latest', undefined, [5], [1, 2, 3, 4]],
    ['latest', 1, [5], [1, 2, 3, 4]],
    ['dropOldest', 1, [5], [1, 2, 3, 4]],
    ['dropOldest', Infinity, [1, 2, 3, 4, 5], []],
    ['dropNewest', 5, [1, 2, 3, 4, 5], []],
  ] as [BufferedOptions<number>['overflow'] & string, number | undefined, number[], number[]][])(
    'R-11 %s with a capacity of %s keeps %j and tells onDrop of %j',
    (overflow, capacity, kept, dropped) => {
      const warn = vi.spyOn(hooks, 'warn');
      const { probe, flow, drops, source, telemetry } = held({ overflow, capacity });
      expect(drops).toEqual(dropped.map((item) => [item, overflow]));
      expect(telemetry).toMatchObject({ in: 5, out: 0, dropped: dropped.length, merged: 0, peak: kept.length });
      source.complete();
      expect(probe.ended).toBeUndefined();
      probe.open();
      expect([probe.values, probe.ended]).toEqual([kept, 'completed']);
      expect(telemetry).toMatchObject({ in: 5, out: kept.length, completed: kept.length });
      expect(warn).not.toHaveBeenCalled();
      flow.check();
    },
  );

  test.each(['dropOldest', 'dropNewest', 'latest', 'fail'] as const)('%s: never holds its source back', (overflow) => {
    const { flow } = held({ overflow, capacity: overflow === 'latest' ? 1 : 5 });
    expect(flow.node('buffered').gate!.isOpen).toBe(true);
  });

  test.each(['dropOldest', 'dropNewest'] as const)('%s while the gate opens and closes', (overflow) => {
    marbles(({ cold, gated, expectObservable }) => {
      const gate = gated<string>('  x----o--x---o     ');
      const source = cold('         abc-----efgh-----|');
      const expected = {
        dropOldest: '              -----(bc)---(gh)-|',
        dropNewest: '              -----(ab)---(ef)-|',
      };
      expectObservable(source.pipe(buffered({ capacity: 2, overflow }), gate)).toBe(expected[overflow]);
    });
  });

  test('without onDrop items are counted all the same', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.close();
    probe.subscribe(of(1, 2, 3).pipe(buffered({ overflow: 'latest' })));
    expect(flow.node('buffered').telemetry.dropped).toBe(2);
  });

  test.each(['dropOldest', 'dropNewest', 'latest'] as const)('%s: an onDrop that throws ends the flow', (overflow) => {
    const bad = new Error('onDrop');
    const onDrop = vi.fn(() => {
      throw bad;
    });
    const { probe, source, flow } = held({ overflow, capacity: 1 }, [1, 2, 3], onDrop);
    expect([probe.error === bad, source.observed, onDrop.mock.calls.length]).toEqual([true, false, 1]);
    flow.check();
  });

  test.each(['dropOldest', 'dropNewest', 'latest'] as const)(
    'R-20 %s: an onDrop that sends back into the source loses no count',
    (overflow) => {
      const flow = new TestFlow();
      const probe = new Probe<number>(flow);
      const source = new Subject<number>();
      const drops: number[] = [];
      probe.close();
      const onDrop = (item: number): void => {
        drops.push(item);
        if (item < 10) source.next(item + 10);
        flow.check();
      };
      probe.subscribe(source.pipe(buffered({ overflow, capacity: 1, onDrop })));
      for (const n of [1, 2, 3]) source.next(n);
      flow.check();
      probe.open();
      expect([...probe.values, ...drops].toSorted((a, b) => a - b)).toEqual(
        [...new Set([...probe.values, ...drops])].toSorted((a, b) => a - b),
      );
      expect(flow.node('buffered').telemetry.in).toBe(probe.values.length + drops.length);
      flow.check();
    },
  );

  test('R-21: an onDrop that opens the gate, unsubscribes or completes leaves a sound state', () => {
    for (const act of ['open', 'unsubscribe', 'complete'] as const) {
      const flow = new TestFlow();
      const probe = new Probe<number>(flow);
      const source = new Subject<number>();
      probe.close();
      const onDrop = (): void => {
        if (act === 'open') probe.open();
        else if (act === 'unsubscribe') probe.unsubscribe();
        else source.complete();
      };
      probe.subscribe(source.pipe(buffered({ capacity: 2, overflow: 'dropOldest', onDrop })));
      for (const n of [1, 2, 3]) source.next(n);
      flow.check();
      probe.open();
      expect(probe.values).toEqual(act === 'unsubscribe' ? [] : [2, 3]);
      flow.check();
    }
  });
});

describe("overflow 'fail'", () => {
  test('fails with the first item too many, with the numbers and a remedy', () => {
    const { probe, source, flow } = held({ capacity: 2, overflow: 'fail' });
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ name: 'OverflowError', code: 'ERR_OVERFLOW', stage: 'buffered', bound: 2 });
    expect(String(probe.error)).toContain("choose another overflow policy than 'fail', or a larger capacity");
    expect(source.observed).toBe(false);
    expect(flow.node('buffered').telemetry).toMatchObject({ in: 3, failed: 1, abandoned: 2, out: 0 });
    flow.check();
  });
});

describe('overflow { merge }', () => {
  test('makes the newest two into one, and counts them as merged', () => {
    const { probe, flow, drops, telemetry } = held({ capacity: 2, overflow: { merge: (a, b) => a * 10 + b } });
    probe.open();
    expect([probe.values, drops]).toEqual([[1, 2345], []]);
    expect(telemetry).toMatchObject({ in: 5, out: 2, completed: 2, merged: 3, dropped: 0 });
    flow.check();
  });

  test('that throws ends the flow', () => {
    const bad = new Error('merge');
    const merge = () => {
      throw bad;
    };
    const { probe, source, flow } = held({ capacity: 1, overflow: { merge } });
    expect([probe.error === bad, source.observed]).toEqual([true, false]);
    flow.check();
  });

  test('R-20: loses nothing when the merge function sends items itself, or opens the gate', () => {
    const source = new Subject<number>();
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.close();
    const merge = (kept: number, next: number): number => {
      if (next === 3) source.next(4);
      if (next === 4) probe.open();
      return kept * 10 + next;
    };
    probe.subscribe(source.pipe(buffered({ capacity: 1, overflow: { merge } })));
    for (const n of [1, 2, 3]) source.next(n);
    expect(probe.values).toEqual([1234]);
    flow.check();
    source.next(5);
    expect(probe.values).toEqual([1234, 5]);
  });

  test('that unsubscribes merges nothing more', () => {
    const source = new Subject<number>();
    const flow = new TestFlow();
    const probe = new Probe<number>(flow);
    probe.close();
    const merged: number[] = [];
    const merge = (kept: number, next: number): number => {
      merged.push(next);
      source.next(next + 1);
      probe.unsubscribe();
      return kept;
    };
    probe.subscribe(source.pipe(buffered({ capacity: 1, overflow: { merge } })));
    source.next(1);
    source.next(2);
    expect([probe.values, merged, source.observed]).toEqual([[], [2], false]);
  });

  test('R-06: merges into undefined and out of it', () => {
    const probe = new Probe<unknown>();
    probe.close();
    const pairs: unknown[] = [];
    const merge = (kept: unknown, next: unknown): unknown => {
      pairs.push([kept, next]);
      return next;
    };
    probe.subscribe(from([0, undefined, null] as unknown[]).pipe(buffered({ capacity: 1, overflow: { merge } })));
    probe.open();
    expect(probe.values).toEqual([null]);
    expect(pairs).toEqual([
      [0, undefined],
      [undefined, null],
    ]);
  });
});

describe('bad options of buffered', () => {
  const bad = table({
    capacity: badCounts(1, true),
    overflow: [
      ...badWords('Wait', 'block', 'spill'),
      [{}, TypeError, 'ERR_INVALID_ARG_TYPE'],
      [{ merge: 1 }, TypeError, 'ERR_INVALID_ARG_TYPE'],
      [() => 1, TypeError, 'ERR_INVALID_ARG_TYPE'],
    ],
    onDrop: badFunctions,
    name: badNames,
    overflowLimit: badCounts(0, true),
  });

  test.each(bad)('$option: $shown is refused at the call', ({ option, shown, bad: [value, type, code] }) => {
    const error = thrownBy(() => buffered({ capacity: 2, [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name: type.name, code, option });
    expect((error as { received: unknown }).received).toBe(value);
    expect((error as Error).message).toMatch(new RegExp(`^buffered\\(\\): "${option}" must be .+[.] Received `));
    expect((error as Error).message).toContain(`Received ${shown} (`);
  });

  test('a capacity is needed, except with latest, which takes none but 1', () => {
    expect(() => buffered({})).toThrow(
      'buffered(): "capacity" must be given: an integer of 1 or more, or Infinity. Received undefined (undefined)',
    );
    expect(() => buffered({ overflow: 'latest', capacity: 2 })).toThrow(
      `buffered(): "capacity" must be 1 or left out with overflow 'latest'. Received 2 (number)`,
    );
    expect(thrownBy(() => buffered({ overflow: 'latest', capacity: 2 }))).toMatchObject({
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
      option: 'capacity',
      received: 2,
    });
    expect(() => buffered({ overflow: 'latest', capacity: 1 })).not.toThrow();
  });

  test.each(table({ options: [...badObjects, [undefined, TypeError, 'ERR_INVALID_ARG_TYPE']] }))(
    'options: $shown is refused',
    ({ bad: [value, type, code] }) => {
      const error = thrownBy(() => buffered(value as never));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'options', received: value });
    },
  );

  test.each([
    ['capcity', 'capacity'],
    ['overflows', 'overflow'],
    ['ondrop', 'onDrop'],
    ['overFlowLimit', 'overflowLimit'],
  ])('the unknown key %s is refused with the nearest name, %s', (key, nearest) => {
    const error = thrownBy(() => buffered({ capacity: 2, [key]: 1 }));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', received: key });
    expect((error as Error).message).toContain(`Did you mean "${nearest}"?`);
  });
});

describe('the types of buffered', () => {
  test('are those of the source', () => {
    expectTypeOf(of(1).pipe(buffered({ capacity: 2 }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(buffered<string>({ overflow: 'latest' })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
    of({ id: 1 }).pipe(
      buffered({
        capacity: 2,
        onDrop: (item, reason) => {
          expectTypeOf(item).toEqualTypeOf<{ id: number }>();
          expectTypeOf(reason).toEqualTypeOf<'dropOldest' | 'dropNewest' | 'latest'>();
        },
      }),
    );
    expectTypeOf(() => {
      // @ts-expect-error -- no such policy
      buffered({ capacity: 1, overflow: 'drop' });
      // @ts-expect-error -- a string is no number
      of(1).pipe(buffered({ capacity: '1' }));
      // @ts-expect-error -- merges strings, where numbers come
      of(1).pipe(buffered({ capacity: 1, overflow: { merge: (a: string, b: string) => a + b } }));
    }).toBeFunction();
  });
});
