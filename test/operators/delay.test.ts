import fc from 'fast-check';
import { NEVER, of, Subject, take, tap, timer, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { delay } from '../../src/operators/delay.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { Probe } from '../core/Probe.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { thrownBy } from './badOptions.ts';
import { timeline } from './timeline.ts';

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(hooks, 'warn').mockImplementation((message) => void warnings.push(message));
});
afterEach(() => {
  vi.restoreAllMocks();
  warnings.length = 0;
});

describe('delay', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b---|  ');
      const subs = '       ^-----!  ';
      const expected = '   --a-b---|';
      expectObservable(source.pipe(delay(2))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('R-12: what comes due between two looks at the clock is sent all the same', async () => {
    const real = performance.now.bind(performance);
    let time = 0;
    let looks = Infinity;
    let since: number | undefined;
    // It stands still until it has been looked at so often, then `b` is due, and it goes on as usual.
    vi.spyOn(performance, 'now').mockImplementation(() => {
      if (since === undefined && looks-- > 0) return time;
      since ??= real();
      return 6.0001 + real() - since;
    });
    const source = new Subject<string>();
    const probe = new Probe<string>().subscribe(
      source.pipe(
        delay(5),
        tap(() => (looks = 1)),
      ),
    );
    source.next('a');
    time = 1;
    source.next('b');
    time = 5.9995;
    await vi.waitFor(() => expect(probe.values).toEqual(['a', 'b']));
    probe.unsubscribe();
  });

  test('many items keep their order and the time between them', () => {
    expect(timeline(({ cold }) => cold('(abc)--d-e|').pipe(delay(7)))).toBe('7:a 7:b 7:c 14:d 16:e 17:|');
  });

  test('R-03, R-04: an empty source ends later; one that says nothing', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(delay(3))).toBe('-----|');
      expectObservable(NEVER.pipe(delay(3)), '------!').toBe('-------');
    });
  });

  test('an error passes at once, also a closed gate, and what is held is given up', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('ab--#').pipe(delay(3))).toBe('---a#');
      expectObservable(cold('ab--#').pipe(delay(1), gated('x'))).toBe('----#');
    });
  });

  test('an early unsubscribe reaches the source, also while the end is under way', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-b');
      expectObservable(source.pipe(delay(2)), '---!').toBe('--a-');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectObservable(cold('a|').pipe(delay(5)), '---!').toBe('----');
    });
  });

  test('of 0: everything passes at once', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('a-b|').pipe(delay(0))).toBe('a-b|');
      expectObservable(of('a', 'b').pipe(delay(0))).toBe('(ab|)');
    });
  });

  test('holds its source back while capacity items are under way', () => {
    marbles(({ expectObservable, expectGate }) => {
      const source = new ProbeSource('abc', false);
      const expected = '---(ab)';
      const gate = '    x--o-';
      expectObservable(source.items$.pipe(delay(3, { capacity: 2 })), '-----!').toBe(expected);
      expectGate(source).toBe(gate);
    });
    expect(timeline(() => new ProbeSource('abcde').items$.pipe(delay(3, { capacity: 2 })))).toBe(
      '3:a 3:b 6:c 6:d 9:e 9:|',
    );
  });

  test('G5: what is due while the gate below is closed waits, and so does the end', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('o--x-----o');
      const source = cold('         a-b-|     ');
      const expected = '            --a------(b|)';
      expectObservable(source.pipe(delay(2), demand)).toBe(expected);
    });
  });

  test('a gate that opens before the end is due', () => {
    expect(timeline(({ cold, gated }) => cold('ab--|').pipe(delay(2), gated('x--o')))).toBe('3:a 3:b 6:|');
  });

  test('R-15: the end passes a closed gate when nothing is held', () => {
    marbles(({ cold, gated, expectObservable }) => {
      expectObservable(cold('--|').pipe(delay(3), gated('x'))).toBe('-----|');
    });
  });

  test('G7: what a source sends that cannot be paused is kept, with one warning', () => {
    expect(timeline(({ cold }) => cold('(abcd)|').pipe(delay(9, { capacity: 2 })))).toBe('9:a 9:b 9:c 9:d 15:|');
    expect(warnings).toEqual([expect.stringContaining('Stage "delay" is sent more than the 2 items')]);
  });

  test('R-05: two subscriptions know nothing of each other', () => {
    marbles(({ cold, expectObservable }) => {
      const result = cold('a-b|').pipe(delay(2));
      expectObservable(result).toBe('         --a-b|');
      expectObservable(result, '-^-------').toBe('---a-b|');
    });
  });

  test('R-20: what the consumer sends back takes its time, too; the end inside a value', () => {
    const source = new Subject<string>();
    expect(
      timeline(() => {
        timer(1).subscribe(() => source.next('a'));
        const result = source.pipe(delay(3));
        result.subscribe((x) => (x.length < 3 ? source.next(`${x}!`) : source.complete()));
        return result;
      }),
    ).toBe('4:a 7:a! 10:a!! 13:|');
  });

  test('R-42: one timer, and none after any end', () => {
    vi.useFakeTimers();
    try {
      for (const how of ['error', 'unsubscribe', 'late'] as const) {
        const source = new Subject<number>();
        const probe = new Probe<number>().subscribe(source.pipe(delay(1000)));
        expect(vi.getTimerCount()).toBe(0);
        for (let n = 0; n < 5; n++) source.next(n);
        expect(vi.getTimerCount()).toBe(1);
        if (how === 'late') source.complete();
        expect(vi.getTimerCount()).toBe(1);
        if (how === 'error') source.error('bad');
        else probe.unsubscribe();
        expect(vi.getTimerCount()).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test('R-23, R-22: 100,000 items of a synchronous source', () => {
    let made = 0;
    const source = fromIterable(function* () {
      for (;;) yield made++;
    });
    let seen = 0;
    marbles(() => {
      source.pipe(delay(2, { capacity: 10_000 }), take(100_000)).subscribe(() => seen++);
    });
    expect([seen, made]).toEqual([100_000, 100_000]);
  });

  test('shifts everything by the same time, in order, whatever comes', () => {
    const gaps = fc.array(fc.nat(9), { maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.nat(20), fc.integer({ min: 1, max: 50 }), (all, ms, capacity) => {
        let at = 0;
        const times = all.map((gap) => (at += gap));
        const source = new Subject<number>();
        const seen = timeline(() => {
          times.forEach((time, n) => timer(time).subscribe(() => source.next(n)));
          timer(at).subscribe(() => source.complete());
          return source.pipe(delay(ms, { capacity }));
        });
        expect(seen).toBe([...times.map((time, n) => `${time + ms}:${n}`), `${at + ms}:|`].join(' '));
      }),
      { numRuns: 1_000 },
    );
  });

  test('R-57: no timer stays behind an item that leaves before its timer fires', () => {
    vi.useFakeTimers();
    try {
      const source = new Subject<string>();
      const probe = new Probe<string>();
      probe.close();
      // Comes first at the moment at which the item is due.
      setTimeout(() => probe.open(), 5);
      probe.subscribe(source.pipe(delay(5)));
      source.next('a');
      vi.advanceTimersByTime(5);
      expect([probe.values, vi.getTimerCount()]).toEqual([['a'], 0]);
      source.next('b');
      vi.advanceTimersByTime(5);
      expect([probe.values, vi.getTimerCount()]).toEqual([['a', 'b'], 0]);
      probe.unsubscribe();
    } finally {
      vi.useRealTimers();
    }
  });

  test('counts; what is under way at an early end is abandoned', () => {
    const flow = new TestFlow();
    const probe = new Probe<number>(flow).subscribe(fromIterable([1, 2, 3]).pipe(delay(1e6, { capacity: 2 })));
    const node = flow.node('delay');
    expect([node.held, node.telemetry.in, node.telemetry.out]).toEqual([2, 2, 0]);
    probe.unsubscribe();
    expect(node.telemetry.abandoned).toBe(2);
    flow.check();
  });

  test('told to quit, it leaves its source, sends what it has in time, and ends', () => {
    const flow = new TestFlow();
    const source = new Subject<string>();
    const result = timeline(() => {
      timer(1).subscribe(() => source.next('a'));
      timer(2).subscribe(() => flow.node('delay').quit());
      return source.pipe(delay(5), new Probe<string>(flow).operator());
    });
    expect([result, source.observed]).toEqual(['6:a 7:|', false]);
  });

  test.each([
    [['1s'], 'ms', TypeError],
    [[-1], 'ms', RangeError],
    [[2 ** 31], 'ms', RangeError],
    [[1, { capacity: 0 }], 'capacity', RangeError],
  ])('refuses %o', (args, option, type) => {
    const error = thrownBy(() => (delay as (...all: unknown[]) => unknown)(...args));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ option });
  });

  test('types', () => {
    expectTypeOf(of(1).pipe(delay(1))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(delay<string>(1, { capacity: 2 })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
  });
});
