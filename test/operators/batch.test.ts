import { NEVER, type Observable, Subject, map, of, take, type OperatorFunction } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { batch, type BatchOptions } from '../../src/operators/batch.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { marbles } from '../../src/testing/marbles.ts';
import {
  badCounts,
  badDurations,
  badFunctions,
  badNames,
  badObjects,
  badPositives,
  table,
  thrownBy,
} from './badOptions.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Batches of letters as one word each, so that a marble diagram can show them. */
const words = (options: BatchOptions<string>): OperatorFunction<string, string> => {
  const gathered = batch(options);
  return (source) =>
    source.pipe(
      gathered,
      map((letters) => letters.join('')),
    );
};

/** Weights by letter. */
const weigh = (letter: string): number => Number(letter);

describe('batch', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  a-b-c----d-|   ';
      const expected = '--x----y---(z|)';
      const batches = { x: ['a', 'b'], y: ['c'], z: ['d'] };
      expectObservable(cold(source).pipe(batch({ size: 2, wait: 3 }))).toBe(expected, batches);
    });
  });

  test('many items: a batch leaves with its last item', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('abcdefg-|   ');
      const subs = '       ^-------!   ';
      const expected = '   --x--y--(z|)';
      expectObservable(source.pipe(words({ size: 3 }))).toBe(expected, { x: 'abc', y: 'def', z: 'g' });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-03, R-04: an empty source and one that says nothing give no batch, whatever the time', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('|     ').pipe(words({ size: 2, wait: 1 }))).toBe('|     ');
      expectObservable(cold('-----|').pipe(words({ size: 2, wait: 1 }))).toBe('-----|');
      expectObservable(cold('------').pipe(words({ size: 2, wait: 1 })), '-----!').toBe('------');
    });
  });

  test('a source that ends as the batch is full gives no empty one', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab(cd|) ');
      const expected = '   -x(y|)  ';
      expectObservable(source.pipe(words({ size: 2, wait: 5 }))).toBe(expected, { x: 'ab', y: 'cd' });
    });
  });

  test('G6: an error passes at once, and what is held is given up', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc--#');
      const expected = '   -x---#';
      expectObservable(source.pipe(words({ size: 2, wait: 9 }))).toBe(expected, { x: 'ab' });
    });
  });

  test('an early unsubscribe reaches the source and stops the timer', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a---b---');
      const unsub = '      --!     ';
      const subs = '       ^-!     ';
      expectObservable(source.pipe(words({ size: 2, wait: 3 })), unsub).toBe('--------');
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-42: leaves no timer behind when unsubscribed, failed or completed', () => {
    vi.useFakeTimers();
    try {
      const end = {
        unsubscribe: (_: Subject<number>, probe: Probe<number[]>) => probe.unsubscribe(),
        error: (source: Subject<number>) => source.error('bad'),
        complete: (source: Subject<number>) => source.complete(),
      };
      for (const how of Object.values(end)) {
        const source = new Subject<number>();
        const probe = new Probe<number[]>().subscribe(source.pipe(batch({ size: 9, wait: 1000 })));
        source.next(1);
        expect(vi.getTimerCount()).toBe(1);
        how(source, probe);
        expect(vi.getTimerCount()).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const seen: number[][] = [];
    fromIterable(function* () {
      for (;;) yield made++;
    })
      .pipe(batch({ size: 3 }), take(2))
      .subscribe((items) => seen.push(items));
    expect([seen, made]).toEqual([
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      6,
    ]);
  });

  test('R-05: two subscriptions know nothing of each other', () => {
    marbles(({ cold, expectObservable }) => {
      const result = cold('ab-c|').pipe(words({ size: 3, wait: 9 }));
      const batches = { x: 'abc' };
      expectObservable(result).toBe('      ---x|   ', batches);
      expectObservable(result, '--^------').toBe('-----x|', batches);
    });
  });

  test('R-20: what the consumer sends back into the source comes into a later batch', () => {
    const source = new Subject<number>();
    const probe = new Probe<number[]>();
    probe.onNext = ([first]) => {
      if (first! < 4) for (let i = 0; i < 3; i++) source.next(first! + 10);
    };
    probe.subscribe(source.pipe(batch({ size: 2, wait: 1000 })));
    source.next(1);
    source.next(2);
    expect(probe.values).toEqual([
      [1, 2],
      [11, 11],
    ]);
    probe.unsubscribe();
  });
});

describe('wait', () => {
  test('counts from the first item of the batch', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--a-b-------c---|   ');
      const expected = '   -------x--------(y|)';
      expectObservable(source.pipe(words({ size: 9, wait: 5 }))).toBe(expected, { x: 'ab', y: 'c' });
    });
  });

  test('counts anew after each batch, also after one that left because it was full', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('a--b-c-------d-----|');
      const expected = '   ---x----y-------z--|';
      const batches = { x: 'ab', y: 'c', z: 'd' };
      expectObservable(source.pipe(words({ size: 2, wait: 3 }))).toBe(expected, batches);
    });
  });

  test('of 0 gathers what comes in one frame', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('(abc)-(de)-|');
      const expected = '   x-----y----|';
      expectObservable(source.pipe(words({ size: 9, wait: 0 }))).toBe(expected, { x: 'abc', y: 'de' });
    });
  });

  test('above a closed gate: a batch whose time is up goes on filling, and leaves when the gate opens', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x-------o    ');
      const source = cold('         ab-c----d|   ');
      const expected = '            --------x(y|)';
      expectObservable(source.pipe(words({ size: 9, wait: 2 }), demand)).toBe(expected, { x: 'abc', y: 'd' });
    });
  });

  test('above a closed gate: fills up to size and never errs; the surplus of a hot source comes in batches', () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    marbles(({ hot, gated, expectObservable }) => {
      const demand = gated<string>('x---------o       ');
      const source = hot('          abcde------------|');
      const expected = '            ----------(xy)-z-|';
      const batches = { x: 'ab', y: 'cd', z: 'e' };
      expectObservable(source.pipe(words({ size: 2, wait: 5 }), demand)).toBe(expected, batches);
    });
  });

  test('a time that is up while the gate is closed does not count for the batch after', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x---o       ');
      const source = cold('         ab---c-----|');
      const expected = '            ----x---y--|';
      expectObservable(source.pipe(words({ size: 9, wait: 3 }), demand)).toBe(expected, { x: 'ab', y: 'c' });
    });
  });
});

describe('above a closed gate', () => {
  test('G1: a pausable source is held back when a batch is full', () => {
    let made = 0;
    const probe = new Probe<number[]>();
    probe.close();
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    probe.subscribe(source.pipe(batch({ size: 3 })));
    expect(made).toBe(3);
    probe.allow(1);
    expect([probe.values, made]).toEqual([[[0, 1, 2]], 6]);
    probe.unsubscribe();
  });

  test('G1: with weights, when it is heavy enough', () => {
    let made = 0;
    const probe = new Probe<number[]>();
    probe.close();
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    probe.subscribe(source.pipe(batch({ size: 100, weigh: () => 4, weight: 10 })));
    expect(made).toBe(3);
    probe.allow(1);
    expect([probe.values, made]).toEqual([[[0, 1]], 5]);
    probe.unsubscribe();
  });

  test('completes when the last batch has left', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x-----o   ');
      const source = cold('         ab-|      ');
      const expected = '            ------(x|)';
      expectObservable(source.pipe(words({ size: 9 }), demand)).toBe(expected, { x: 'ab' });
    });
  });

  test('G7: in a strict run the first item too many fails, with the numbers', () => {
    const flow = new TestFlow();
    flow.strict = true;
    const probe = new Probe<number[]>(flow);
    probe.close();
    const source = new Subject<number>();
    probe.subscribe(source.pipe(batch({ size: 2, name: 'rows' })));
    for (const n of [1, 2, 3]) source.next(n);
    expect(probe.error).toBeInstanceOf(OverflowError);
    expect(probe.error).toMatchObject({ stage: 'rows', held: 3, bound: 2 });
    flow.check();
  });
});

describe('weigh and weight', () => {
  test('a batch leaves before the item that would make it too heavy', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('4-4-4-|   ');
      const expected = '   ----x-(y|)';
      expectObservable(source.pipe(words({ size: 9, weigh, weight: 10 }))).toBe(expected, { x: '44', y: '4' });
    });
  });

  test('a batch that weighs exactly as much leaves at once', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('5-5-|');
      const expected = '   --x-|';
      expectObservable(source.pipe(words({ size: 9, weigh, weight: 10 }))).toBe(expected, { x: '55' });
    });
  });

  test('a single item that weighs more is a batch of its own', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('9-3-9---|');
      const expected = '   x---(yz)|';
      expectObservable(source.pipe(words({ size: 9, weigh, weight: 5 }))).toBe(expected, { x: '9', y: '3', z: '9' });
    });
  });

  test('size counts too', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('1-1-0-0-0-|   ');
      const expected = '   --x---y---(z|)';
      const batches = { x: '11', y: '00', z: '0' };
      expectObservable(source.pipe(words({ size: 2, weigh, weight: 5 }))).toBe(expected, batches);
    });
  });

  test('what stays behind has its own time, from when it became the first', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('4-4------|');
      const expected = '   --x--y---|';
      expectObservable(source.pipe(words({ size: 9, wait: 3, weigh, weight: 5 }))).toBe(expected, { x: '4', y: '4' });
    });
  });

  test('R-37: each item is weighed once', () => {
    const weighed: number[] = [];
    const weighOnce = (n: number) => (weighed.push(n), 3);
    const probe = new Probe<number[]>();
    probe.subscribe(fromIterable([1, 2, 3, 4, 5]).pipe(batch({ size: 9, weigh: weighOnce, weight: 7 })));
    expect([weighed, probe.values]).toEqual([
      [1, 2, 3, 4, 5],
      [[1, 2], [3, 4], [5]],
    ]);
  });

  test('no batch of many is heavier than weight, and nothing is lost or out of order', () => {
    const items = Array.from({ length: 500 }, (_, i) => (i * 7919) % 13);
    const probe = new Probe<number[]>();
    probe.subscribe(fromIterable(items).pipe(batch({ size: 6, weigh: (n: number) => n, weight: 20 })));
    expect(probe.values.flat()).toEqual(items);
    for (const each of probe.values) {
      expect(each.length).toBeLessThanOrEqual(6);
      expect(each.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(20);
    }
  });

  test('an error that weigh throws ends the flow', () => {
    const bad = new Error('weigh');
    const source = new Subject<number>();
    const probe = new Probe<number[]>().subscribe(
      source.pipe(
        batch({
          size: 9,
          weight: 5,
          weigh: () => {
            throw bad;
          },
        }),
      ),
    );
    source.next(1);
    expect([probe.error === bad, source.observed]).toEqual([true, false]);
  });

  test.each([NaN, -1, Infinity, -Infinity])('a weight of %s ends the flow with an error that says so', (weight) => {
    const probe = new Probe<number[]>();
    probe.subscribe(of(1).pipe(batch({ size: 9, weigh: () => weight, weight: 5 })));
    expect(probe.error).toBeInstanceOf(RangeError);
    expect(probe.error).toMatchObject({ code: 'ERR_OUT_OF_RANGE', option: 'weigh', received: weight });
    expect(String(probe.error)).toContain(
      `batch(): "weigh" must be a function that gives a finite number of 0 or more. Received ${weight} (number)`,
    );
  });

  test.each(['5', null, undefined, true, 2n, {}])(
    'a weight of %s, no number, ends the flow with a TypeError',
    (weight) => {
      const probe = new Probe<number[]>();
      probe.subscribe(of(1).pipe(batch({ size: 9, weigh: () => weight as never, weight: 5 })));
      expect(probe.error).toBeInstanceOf(TypeError);
      expect(probe.error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', option: 'weigh' });
    },
  );

  test('G7: with weights too, a source that cannot be paused is warned about once, and ends at the bound for overruns', () => {
    const warnings: string[] = [];
    vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
    const source = new Subject<number>();
    const probe = new Probe<number[]>();
    probe.close();
    probe.subscribe(source.pipe(batch({ size: 10, weigh: () => 5, weight: 10, name: 'rows' })));
    for (let i = 0; i < 100; i++) source.next(i);
    expect(warnings).toEqual([expect.stringContaining('Stage "rows" is sent more than the 2 items it may hold.')]);
    probe.open();
    expect(probe.values).toEqual(Array.from({ length: 50 }, (_, i) => [2 * i, 2 * i + 1]));
  });
});

describe('the counts of batch', () => {
  test('in and completed are items, out is batches; what is held at an early end is abandoned', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const probe = new Probe<number[]>(flow).subscribe(source.pipe(batch({ size: 2 })));
    for (const n of [1, 2, 3, 4, 5]) source.next(n);
    const { telemetry } = flow.node('batch');
    expect([telemetry.in, telemetry.completed, telemetry.out, flow.node('batch').held]).toEqual([5, 4, 2, 1]);
    probe.unsubscribe();
    expect(telemetry.abandoned).toBe(1);
    flow.check();
  });

  test('told to quit, it leaves its source and sends what it has', () => {
    const flow = new TestFlow();
    const source = new Subject<number>();
    const probe = new Probe<number[]>(flow).subscribe(source.pipe(batch({ size: 9, wait: 1e6 })));
    source.next(1);
    flow.node('batch').quit();
    expect([probe.values, probe.ended, source.observed]).toEqual([[[1]], 'completed', false]);
  });
});

describe('bad options of batch', () => {
  const good = { size: 2, weigh: () => 1, weight: 5 };
  const bad = table({
    size: badCounts(1, false),
    wait: badDurations,
    weigh: badFunctions,
    weight: badPositives,
    name: badNames,
  });

  test.each(bad)('$option: $shown is refused at the call', ({ option, shown, bad: [value, type, code] }) => {
    const error = thrownBy(() => batch({ ...good, [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name: type.name, code, option });
    expect((error as { received: unknown }).received).toBe(value);
    expect((error as Error).message).toMatch(new RegExp(`^batch\\(\\): "${option}" must be .+[.] Received `));
    expect((error as Error).message).toContain(`Received ${shown} (`);
  });

  test.each([
    ['size', {}, 'batch(): "size" must be given: an integer of 1 or more. Received undefined (undefined)'],
    ['weight', { size: 2, weigh: () => 1 }, 'batch(): "weight" must be given together with "weigh" and "weight"'],
    ['weigh', { size: 2, weight: 1 }, 'batch(): "weigh" must be given together with "weigh" and "weight"'],
  ])('without %s where it is needed it is refused', (option, options, message) => {
    const error = thrownBy(() => batch(options as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ option, received: undefined });
    expect((error as Error).message).toContain(message);
  });

  test.each(table({ options: [...badObjects, [undefined, TypeError, 'ERR_INVALID_ARG_TYPE']] }))(
    'options: $shown is refused',
    ({ bad: [value, type, code] }) => {
      const error = thrownBy(() => batch(value as never));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ code, option: 'options', received: value });
    },
  );

  test.each([
    ['sise', 'size'],
    ['Wait', 'wait'],
    ['wiegh', 'weigh'],
    ['names', 'name'],
  ])('the unknown key %s is refused with the nearest name, %s', (key, nearest) => {
    const error = thrownBy(() => batch({ size: 2, [key]: 1 }));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', received: key });
    expect((error as Error).message).toContain(`Did you mean "${nearest}"?`);
  });
});

describe('the types of batch', () => {
  test('are arrays of the items', () => {
    expectTypeOf(of(1, 2).pipe(batch({ size: 2 }))).toEqualTypeOf<Observable<number[]>>();
    expectTypeOf(NEVER.pipe(batch({ size: 2 }))).toEqualTypeOf<Observable<never[]>>();
    expectTypeOf(batch<string>({ size: 2 })).toEqualTypeOf<OperatorFunction<string, string[]>>();
    of({ bytes: 1 }).pipe(
      batch({
        size: 2,
        weight: 100,
        weigh: (item) => {
          expectTypeOf(item).toEqualTypeOf<{ bytes: number }>();
          return item.bytes;
        },
      }),
    );
    expectTypeOf(() => {
      // @ts-expect-error -- size is needed
      batch({ wait: 3 });
      // @ts-expect-error -- a weight is a number
      of('a').pipe(batch({ size: 2, weight: 3, weigh: (item) => item }));
      // @ts-expect-error -- no such option
      batch({ size: 2, time: 3 });
    }).toBeFunction();
  });
});
