import fc from 'fast-check';
import {
  from,
  mergeMap,
  NEVER,
  of,
  Subject,
  take,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { now } from '../../src/core/clock.ts';
import { OverflowError } from '../../src/core/errors.ts';
import { hooks } from '../../src/core/hooks.ts';
import { rateLimit, type RateLimitOptions } from '../../src/operators/rateLimit.ts';
import { RateLimitError } from '../../src/operators/RateLimitError.ts';
import { Lanes } from '../../src/operators/rateLimit/Lanes.ts';
import { Pace } from '../../src/operators/rateLimit/Pace.ts';
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

/** The key of `a1` is `a`. */
const letter = (item: string): string => item[0]!;

describe('rateLimit', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ cold, expectObservable }) => {
      const source = '  a-b-c----d|';
      const expected = 'a--b--c--d|';
      expectObservable(cold(source).pipe(rateLimit({ limit: 1, per: 3 }))).toBe(expected);
    });
  });

  test('many items: the first passes at once, the others one each per / limit; the source waits meanwhile', () => {
    marbles(({ expectObservable, expectGate }) => {
      const source = new ProbeSource('abcd');
      const expected = 'a-b-c-(d|)';
      const gate = '    x';
      expectObservable(source.items$.pipe(rateLimit({ limit: 5, per: 10 }))).toBe(expected);
      expectGate(source).toBe(gate);
    });
  });

  test('burst: so many more pass before their time, and as many again after a pause that is long enough', () => {
    const limited = rateLimit<string>({ limit: 1, per: 5, burst: 2, capacity: 9 });
    expect(timeline(({ cold }) => cold('(abcd)- 20ms (efgh)|').pipe(limited))).toBe(
      '0:a 0:b 0:c 5:d 27:e 27:f 27:g 32:h 33:|',
    );
  });

  test('burst: after a shorter pause only what has been saved up meanwhile', () => {
    const limited = rateLimit<string>({ limit: 1, per: 10, burst: 1, capacity: 9 });
    expect(timeline(({ cold }) => cold('(ab) 10ms (cd|)').pipe(limited))).toBe('0:a 0:b 14:c 20:d 20:|');
  });

  test('R-03, R-04: an empty source and one that says nothing', () => {
    marbles(({ cold, expectObservable }) => {
      const limited = rateLimit<string>({ limit: 1, per: 3 });
      expectObservable(cold('|    ').pipe(limited)).toBe('|    ');
      expectObservable(cold('---|').pipe(limited)).toBe(' ---|');
      expectObservable(NEVER.pipe(limited), '-----!').toBe('------');
    });
  });

  test('G6: an error passes at once, also a closed gate, and what is held is given up', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const limited = rateLimit<string>({ limit: 1, per: 5, capacity: 9 });
      const shut = gated<string>('x');
      expectObservable(cold('abc-----#').pipe(limited)).toBe('a----b--#');
      expectObservable(cold('ab-#     ').pipe(limited, shut)).toBe('---#');
    });
  });

  test('completes when the last item has left', () => {
    const limited = rateLimit<string>({ limit: 1, per: 4, capacity: 9 });
    expect(timeline(({ cold }) => cold('(abc|)').pipe(limited))).toBe('0:a 4:b 8:c 8:|');
  });

  test('an early unsubscribe reaches the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('ab----');
      expectObservable(source.pipe(rateLimit<string>({ limit: 1, per: 9 })), '---!').toBe('a---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  test('R-42: has a timer only while something waits, and none after any end', () => {
    vi.useFakeTimers();
    try {
      for (const how of ['unsubscribe', 'error'] as const) {
        const source = new Subject<number>();
        const probe = new Probe<number>().subscribe(source.pipe(rateLimit({ limit: 1, per: 1000 })));
        source.next(1);
        expect(vi.getTimerCount()).toBe(0);
        source.next(2);
        expect(vi.getTimerCount()).toBe(1);
        if (how === 'error') source.error('bad');
        else probe.unsubscribe();
        expect(vi.getTimerCount()).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  test('R-05: two subscriptions count for themselves', () => {
    marbles(({ cold, expectObservable }) => {
      const result = cold('ab-|').pipe(rateLimit<string>({ limit: 1, per: 3 }));
      expectObservable(result).toBe('              a--(b|)');
      expectObservable(result, '-^------').toBe('-a--(b|)');
    });
  });

  test('R-23: a synchronous source stops with take', () => {
    let made = 0;
    const values: number[] = [];
    fromIterable(function* () {
      for (;;) yield made++;
    })
      .pipe(rateLimit({ limit: 1, per: 1000, burst: 9 }), take(3))
      .subscribe((n) => values.push(n));
    expect([values, made]).toEqual([[0, 1, 2], 3]);
  });

  test('R-20: what the consumer sends back into the source comes after it, at its own time', () => {
    const source = new Subject<string>();
    const limited = source.pipe(
      rateLimit({ limit: 1, per: 3, capacity: 9 }),
      tap((x) => x.length < 3 && source.next(`${x}b`)),
      take(3),
    );
    expect(
      timeline(() => {
        timer(1).subscribe(() => source.next('a'));
        return limited;
      }),
    ).toBe('1:a 4:ab 7:abb 7:|');
  });

  test('G1, G5: above a closed gate it holds as many as capacity says, and holds its source back', () => {
    const source = new ProbeSource([1, 2, 3, 4, 5, 6]);
    const probe = new Probe<number>();
    probe.close();
    probe.subscribe(source.items$.pipe(rateLimit({ limit: 1, per: 1, burst: 9, capacity: 3 })));
    expect(source.produced).toBe(3);
    probe.allow(1);
    expect([probe.values, source.produced, source.producedWhileClosed]).toEqual([[1], 4, 0]);
    probe.unsubscribe();
  });

  test('an item whose time came while the gate was closed leaves when it opens, and the next a whole interval later', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('x-----o  ');
      const source = cold('         abc|     ');
      const expected = '            ------a-b-(c|)';
      expectObservable(source.pipe(rateLimit({ limit: 1, per: 2, capacity: 9 }), demand)).toBe(expected);
    });
  });

  test('a gate that closes and opens while an item waits for its time changes nothing', () => {
    marbles(({ cold, gated, expectObservable }) => {
      const demand = gated<string>('o-x-o------');
      const source = cold('         ab|');
      const expected = '            a-----(b|)';
      expectObservable(source.pipe(rateLimit({ limit: 1, per: 6 }), demand)).toBe(expected);
    });
  });

  test('G7: what a source sends that cannot be paused is kept, with one warning, up to the limit', () => {
    const source = new Subject<number>();
    const probe = new Probe<number>();
    probe.subscribe(source.pipe(rateLimit({ limit: 1, per: 1e6, overflowLimit: 3, name: 'api' })));
    for (let n = 0; n < 5; n++) source.next(n);
    expect(warnings).toEqual([expect.stringContaining('Stage "api" is sent more than the 1 items it may hold.')]);
    source.next(5);
    expect(probe.error).toBeInstanceOf(OverflowError);
  });

  test('waits longer than a timer can keep (R-51)', () => {
    const limited = rateLimit<string>({ limit: 1, per: 2 ** 33 });
    expect(timeline(() => from(['a', 'b']).pipe(limited))).toBe(`0:a ${2 ** 33}:b ${2 ** 33}:|`);
  });

  test('R-22: 100,000 items, all due at once', () => {
    let seen = 0;
    fromIterable(Array.from({ length: 100_000 }, (_, n) => n))
      .pipe(rateLimit({ limit: 1, per: 1, burst: 200_000 }))
      .subscribe(() => seen++);
    expect(seen).toBe(100_000);
  });
});

describe('with keys', () => {
  test('each key has a limit of its own, and one that waits does not keep the others waiting', () => {
    const limited = rateLimit({ limit: 1, per: 10, key: letter });
    expect(timeline(() => fromIterable(['a1', 'a2', 'b1', 'a3', 'c1', 'b2']).pipe(limited))).toBe(
      '0:a1 0:b1 0:c1 10:a2 10:b2 20:a3 20:|',
    );
  });

  test('the others wait only once the items of a key fill the capacity', () => {
    const limited = rateLimit({ limit: 1, per: 10, key: letter, capacity: 2 });
    expect(timeline(() => fromIterable(['a1', 'a2', 'a3', 'b1', 'a4', 'c1']).pipe(limited))).toBe(
      // a2 and a3 fill it, so that b1 comes when a2 has left, and c1, behind a4, when a3 has.
      '0:a1 10:a2 10:b1 20:a3 20:c1 30:a4 30:|',
    );
  });

  test('the next key is the one that is due first', () => {
    const items = ['a1', 'b1', 'c1', 'c2', 'b2', 'a2', 'a3', 'b3', 'c3'];
    const limited = rateLimit({ limit: 1, per: 10, key: letter });
    const at: Record<string, number> = { a1: 3, b1: 1, c1: 2 };
    const source = fromIterable(items).pipe(mergeMap((item) => timer(at[item] ?? 4).pipe(mergeMap(() => of(item)))));
    expect(timeline(() => source.pipe(limited))).toBe('1:b1 2:c1 3:a1 11:b2 12:c2 13:a2 21:b3 22:c3 23:a3 23:|');
  });

  test('any keys are told apart as those of a Map', () => {
    const keys: unknown[] = [undefined, null, NaN, 0, '', false, '0', {}, {}];
    const seen: unknown[] = [];
    const probe = new Probe<unknown>();
    probe.onNext = (x) => seen.push(x);
    probe.subscribe(fromIterable([...keys, NaN, -0, null]).pipe(rateLimit({ limit: 1, per: 1e5, key: (x) => x })));
    expect(seen).toEqual(keys);
    probe.unsubscribe();
  });

  test('more keys than may be known: the item of a new one waits, and holds back those behind it', () => {
    const limited = rateLimit({ limit: 1, per: 10, key: letter, maxKeys: 2 });
    expect(timeline(() => fromIterable(['a1', 'b1', 'c1', 'd1', 'a2']).pipe(limited))).toBe(
      '0:a1 0:b1 10:c1 10:d1 20:a2 20:|',
    );
  });

  test('asks for a key once an item', () => {
    const asked: string[] = [];
    const key = (item: string): string => {
      asked.push(item);
      return item[0]!;
    };
    const items = ['a1', 'b1', 'b2', 'c1'];
    timeline(() => fromIterable(items).pipe(rateLimit({ limit: 1, per: 10, key, maxKeys: 1 })));
    expect(asked).toEqual(items);
  });

  test('what key throws ends the flow, also when it is asked for because the gate opens', () => {
    const flow = new TestFlow();
    const error = new Error('no key');
    const probe = new Probe<number>(flow);
    probe.close();
    const limited = rateLimit<number>({
      limit: 1,
      per: 1,
      key: () => {
        throw error;
      },
    });
    probe.subscribe(fromIterable([1, 2]).pipe(limited));
    probe.open();
    expect([probe.ended, probe.error]).toEqual(['failed', error]);
    flow.check();
  });

  test('key may unsubscribe', () => {
    const probe = new Probe<number>();
    probe.subscribe(
      new ProbeSource([1, 2]).items$.pipe(
        rateLimit({
          limit: 1,
          per: 1,
          key: () => {
            probe.unsubscribe();
          },
        }),
      ),
    );
    expect([probe.values, probe.isClosed]).toEqual([[], true]);
  });

  test('forgets a key once a new one would be treated the same: a million keys leave none behind', () => {
    const lanes = new Lanes<number>({ limit: 1, per: 10, burst: 0 }, 100);
    let most = 0;
    for (let n = 0; n < 1_000_000; n++) {
      const lane = lanes.find(n, n)!;
      lane.pace.take(n);
      most = Math.max(most, lanes.size);
    }
    expect(most).toBe(10);
    expect(lanes.find('new', 2e6)).toBeDefined();
    expect(lanes.size).toBe(1);
  });
});

test('a key that has used a burst keeps no other from being forgotten', () => {
  const lanes = new Lanes<number>({ limit: 1, per: 20, burst: 100 }, 3);
  const use = (key: string, time: number, times = 1): boolean => {
    const lane = lanes.find(key, time);
    for (let i = 0; i < times; i++) lane?.pace.take(time);
    return lane !== undefined;
  };
  expect([use('noisy', 0, 100), use('a', 0), use('b', 0), use('c', 0)]).toEqual([true, true, true, false]);
  expect(lanes.roomAt).toBe(20);
  expect([use('c', 20), use('d', 20), use('e', 20)]).toEqual([true, true, false]);
  expect([use('noisy', 39), lanes.size, lanes.roomAt]).toEqual([true, 3, 40]);
});

test('any keys: those are known that are not yet as if they had never been', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 8 }),
    wait: fc.nat(30),
    times: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(5), (steps, burst) => {
      const rate = { limit: 2, per: 20, burst };
      const lanes = new Lanes<number>(rate, 4);
      const model = new Map<number, Pace>();
      let time = 0;
      for (const { key, wait, times } of steps) {
        time += wait;
        // Forgotten is whatever can be when another key comes.
        if (!model.has(key)) for (const [other, { clear }] of model) if (clear <= time) model.delete(other);
        const lane = lanes.find(key, time);
        if (!model.has(key) && model.size < 4) model.set(key, new Pace(rate));
        expect([lane !== undefined, lanes.size]).toEqual([model.has(key), model.size]);
        if (lane === undefined) expect(lanes.roomAt).toBe(Math.min(...[...model.values()].map(({ clear }) => clear)));
        for (let i = 0; i < times; i++) {
          lane?.pace.take(time);
          model.get(key)?.take(time);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

describe("mode 'drop'", () => {
  test('gives up what comes too soon, counts it and tells onDrop', () => {
    const flow = new TestFlow();
    const dropped: unknown[] = [];
    const result = timeline(({ cold }) => {
      const options: RateLimitOptions<string> = {
        limit: 1,
        per: 4,
        mode: 'drop',
        onDrop: (item, reason) => dropped.push([now(), item, reason]),
      };
      return cold('ab--c-d-e|').pipe(rateLimit(options), new Probe<string>(flow).operator());
    });
    expect(result).toBe('0:a 4:c 8:e 9:|');
    expect(dropped).toEqual([
      [1, 'b', 'limit'],
      [6, 'd', 'limit'],
    ]);
    expect(flow.node('rateLimit').telemetry).toMatchObject({ in: 5, completed: 3, dropped: 2, out: 3 });
    flow.check();
  });

  test('per key, and an item of a key for which there is no room', () => {
    const dropped: string[] = [];
    const options: RateLimitOptions<string> = { limit: 1, per: 9, key: letter, maxKeys: 2, mode: 'drop' };
    const seen: string[] = [];
    fromIterable(['a1', 'b1', 'a2', 'c1', 'b2'])
      .pipe(rateLimit({ ...options, onDrop: (item, reason) => dropped.push(`${item} ${reason}`) }))
      .subscribe((item) => seen.push(item));
    expect(seen).toEqual(['a1', 'b1']);
    expect(dropped).toEqual(['a2 limit', 'c1 maxKeys', 'b2 limit']);
  });

  test('what waited for the gate below is looked at when that opens', () => {
    marbles(({ hot, gated, expectObservable }) => {
      const demand = gated<string>('x---o----');
      const source = hot('          ab------c|');
      const expected = '            ----a---c|';
      expectObservable(source.pipe(rateLimit({ limit: 1, per: 4, mode: 'drop' }), demand)).toBe(expected);
    });
  });

  test('what onDrop throws ends the flow, also when the gate opens', () => {
    const error = new Error('onDrop');
    const probe = new Probe<number>();
    const source = new Subject<number>();
    probe.close();
    const limited = rateLimit<number>({
      limit: 1,
      per: 1e5,
      mode: 'drop',
      onDrop: () => {
        throw error;
      },
    });
    probe.subscribe(source.pipe(limited));
    source.next(1);
    source.next(2);
    probe.open();
    expect([probe.values, probe.error]).toEqual([[1], error]);
  });
});

describe("mode 'reject'", () => {
  test('fails at the first item that comes too soon, with everything that one has to know', () => {
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    const source = new Subject<string>();
    const limited = rateLimit<string>({ limit: 2, per: 1e6, burst: 1, mode: 'reject', key: letter, name: 'api' });
    probe.subscribe(source.pipe(limited));
    for (const item of ['a1', 'b1', 'a2', 'a3']) source.next(item);
    expect(probe.values).toEqual(['a1', 'b1', 'a2']);
    expect(probe.error).toBeInstanceOf(RateLimitError);
    const { retryAfter } = probe.error as RateLimitError;
    expect(probe.error).toMatchObject({
      name: 'RateLimitError',
      code: 'ERR_RATE_LIMIT',
      stage: 'api',
      limit: 2,
      per: 1e6,
      burst: 1,
      key: 'a',
      reason: 'limit',
    });
    expect(retryAfter).toBeGreaterThan(499_000);
    expect(retryAfter).toBeLessThanOrEqual(500_000);
    expect((probe.error as Error).message).toBe(
      `Stage "api" got more than 2 items in 1000000 ms (burst: 1). Try again in ${Math.ceil(retryAfter)} ms, ` +
        "or use mode 'shape', which holds items and their source back, or 'drop'.",
    );
    expect(source.observed).toBe(false);
    flow.check();
  });

  test('retryAfter is when it would have passed', () => {
    let error: RateLimitError | undefined;
    const limited = rateLimit<string>({ limit: 1, per: 7, mode: 'reject' });
    timeline(({ cold }) => cold('a--b').pipe(limited, tap({ error: (e: RateLimitError) => (error = e) })));
    expect(error?.retryAfter).toBe(4);
  });

  test('too many keys are told apart from too many items', () => {
    const probe = new Probe<string>();
    const limited = rateLimit<string>({ limit: 1, per: 10, mode: 'reject', key: letter, maxKeys: 1 });
    probe.subscribe(fromIterable(['a1', 'b1']).pipe(limited));
    expect(probe.error).toMatchObject({ reason: 'maxKeys', key: 'b' });
    expect((probe.error as Error).message).toContain('got more keys at once than "maxKeys" allows');
  });
});

/** Every window of `per` milliseconds, without its end, holds `most` at most. */
function inEveryWindow(times: readonly number[], per: number, most: number, grain = 0): void {
  for (let i = 0; i + most < times.length; i++) {
    expect(times[i + most]! - times[i]!).toBeGreaterThanOrEqual(per - grain);
  }
}

const rates = fc.record({
  limit: fc.integer({ min: 1, max: 7 }),
  per: fc.integer({ min: 1, max: 40 }),
  burst: fc.nat(5),
});

describe('never more than limit + burst in any window (properties)', () => {
  test('of what passes at random times', () => {
    const arrivals = fc.array(fc.tuple(fc.nat(12), fc.constantFrom('a', 'b', 'c')), { maxLength: 60 });
    const modes = fc.constantFrom('shape', 'drop');
    fc.assert(
      fc.property(
        rates,
        arrivals,
        modes,
        fc.boolean(),
        fc.array(fc.nat(30), { maxLength: 8 }),
        (rate, gaps, mode, keyed, gate) => {
          const passed: { at: number; key: string; index: number }[] = [];
          const dropped: unknown[] = [];
          new TestScheduler(() => {}).run(({ hot }) => {
            const probe = new Probe<{ key: string; index: number }>();
            probe.takesOverrun = true;
            const source = new Subject<{ key: string; index: number }>();
            const options: RateLimitOptions<{ key: string; index: number }> = {
              ...rate,
              mode,
              capacity: 100,
              onDrop: (item) => dropped.push(item),
              ...(keyed ? { key: ({ key }) => key } : {}),
            };
            probe.onNext = ({ key, index }) => passed.push({ at: now(), key, index });
            probe.subscribe(source.pipe(rateLimit(options)));
            let at = 0;
            gaps.forEach(([gap, key], index) => timer((at += gap)).subscribe(() => source.next({ key, index })));
            timer(at).subscribe(() => source.complete());
            let turn = 0;
            gate.forEach((gap, i) =>
              timer((turn += gap)).subscribe(() => (i % 2 === 0 ? probe.close() : probe.open())),
            );
            timer(turn + 1).subscribe(() => probe.open());
            hot('|');
          });
          for (const key of keyed ? ['a', 'b', 'c'] : [undefined]) {
            const own = passed.filter((it) => key === undefined || it.key === key);
            inEveryWindow(
              own.map(({ at }) => at),
              rate.per,
              rate.limit + rate.burst,
            );
            const order = own.map(({ index }) => index);
            expect(order).toEqual(order.toSorted((a, b) => a - b));
          }
          expect(passed.length + dropped.length).toBe(gaps.length);
          if (mode === 'shape') expect(dropped).toEqual([]);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  test('of a pace by itself, at any fraction of a millisecond', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(rates, gaps, (rate, waits) => {
        const pace = new Pace(rate);
        const times: number[] = [];
        let time = 12_345.678_9;
        for (const wait of waits) {
          time += wait;
          if (pace.due > time) continue;
          pace.take(time);
          times.push(time);
        }
        inEveryWindow(times, rate.per, rate.limit + rate.burst, 1e-6);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a clock with a coarse grain, as its own times go', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(rates, gaps, fc.constantFrom(1, 5, 16, 100), (rate, waits, grain) => {
        const pace = new Pace(rate);
        const times: number[] = [];
        let time = 0;
        for (const wait of waits) {
          time += wait;
          const shown = Math.floor(time / grain) * grain;
          if (pace.due > shown) continue;
          pace.take(shown);
          times.push(shown);
        }
        inEveryWindow(times, rate.per, rate.limit + rate.burst);
      }),
      { numRuns: 1_000 },
    );
  });

  test('and not much fewer: a source that never pauses gets limit items in each per', () => {
    fc.assert(
      fc.property(rates, (rate) => {
        const pace = new Pace(rate);
        let passed = 0;
        for (let time = 0; time < rate.per * 50; time = Math.max(time, pace.due)) {
          pace.take(time);
          passed++;
        }
        expect(Math.abs(passed - rate.limit * 50 - rate.burst)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the counts of rateLimit', () => {
  test('what waits in a lane is held, and abandoned at an early end', () => {
    const flow = new TestFlow();
    const probe = new Probe<string>(flow);
    const source = fromIterable(['a1', 'a2', 'b1', 'a3']);
    probe.subscribe(source.pipe(rateLimit({ limit: 1, per: 1e6, key: letter, capacity: 2 })));
    const node = flow.node('rateLimit');
    expect([node.held, node.telemetry.in, node.telemetry.completed, node.telemetry.peak]).toEqual([2, 4, 2, 2]);
    probe.unsubscribe();
    expect(node.telemetry.abandoned).toBe(2);
    flow.check();
  });

  test('told to quit, it leaves its source and sends what it has, in time', () => {
    const flow = new TestFlow();
    const source = new Subject<string>();
    const result = timeline(() => {
      timer(1).subscribe(() => ['a', 'b'].forEach((x) => source.next(x)));
      timer(2).subscribe(() => flow.node('rateLimit').quit());
      return source.pipe(rateLimit({ limit: 1, per: 5 }), new Probe<string>(flow).operator());
    });
    expect([result, source.observed]).toEqual(['1:a 6:b 6:|', false]);
  });
});

describe('bad options of rateLimit', () => {
  test.each([
    [{ per: 1 }, 'limit', 'given: an integer of 1 or more'],
    [{ limit: 1 }, 'per', 'given: a finite number of milliseconds of more than 0'],
    [{ limit: 1, per: 0 }, 'per', 'a finite number of more than 0'],
    [{ limit: 0, per: 1 }, 'limit', 'an integer of 1 or more'],
    [{ limit: 1, per: 1, burst: -1 }, 'burst', 'an integer of 0 or more'],
    [{ limit: 1, per: 1, mode: 'wait' }, 'mode', "one of 'shape', 'reject', 'drop'"],
  ])('%o', (options, option, rule) => {
    const error = thrownBy(() => rateLimit(options as never));
    expect(error).toMatchObject({ option });
    expect((error as Error).message).toContain(`rateLimit(): "${option}" must be ${rule}`);
  });
});

describe('the types of rateLimit', () => {
  test('are those of the items', () => {
    expectTypeOf(of(1).pipe(rateLimit({ limit: 1, per: 1 }))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(rateLimit<string>({ limit: 1, per: 1 })).toEqualTypeOf<MonoTypeOperatorFunction<string>>();
    of({ tenant: 'a' }).pipe(
      rateLimit({
        limit: 1,
        per: 1,
        key: (item) => {
          expectTypeOf(item).toEqualTypeOf<{ tenant: string }>();
          return item.tenant;
        },
      }),
    );
    expectTypeOf(() => {
      // @ts-expect-error -- per is needed
      rateLimit({ limit: 1 });
      // @ts-expect-error -- no such mode
      rateLimit({ limit: 1, per: 1, mode: 'wait' });
    }).toBeFunction();
  });
});
