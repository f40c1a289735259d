import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gate } from '../../src/core/gate.ts';
import type { Flow } from '../../src/core/flow.ts';
import { addUp, Histogram, quantile, Stopwatch } from '../../src/core/telemetry.ts';

/** From 1 µs to about an hour, in milliseconds, evenly over the octaves. */
const duration = fc.double({ min: Math.log2(0.001), max: Math.log2(3_600_000), noNaN: true }).map((log) => 2 ** log);

describe('Histogram', () => {
  test('has no quantile without a duration', () => {
    expect([quantile(new Histogram(), 0.5), new Histogram().count]).toEqual([undefined, 0]);
  });

  test('gives any quantile within 19 %, and never too little', () => {
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (all, q) => {
          const histogram = new Histogram();
          for (const each of all) histogram.record(each);
          const exact = all.toSorted((a, b) => a - b)[Math.ceil(q * all.length) - 1]!;
          const ratio = quantile(histogram, q)! / exact;
          expect(ratio).toBeGreaterThan(1 - 1e-9);
          expect(ratio).toBeLessThan(1.1893);
          expect(histogram.count).toBe(all.length);
        },
      ),
    );
  });

  test.each([
    ['nothing', 0, 0.001],
    ['less than a microsecond', 0.0001, 0.001],
    ['more than it has room for', 1e12, 2 ** (143 / 4) / 1000],
    ['for ever', Infinity, 2 ** (143 / 4) / 1000],
  ])('takes %s', (_, ms, expected) => {
    const histogram = new Histogram();
    histogram.record(ms);
    expect([histogram.count, quantile(histogram, 0.5), quantile(histogram, 1)]).toEqual([1, expected, expected]);
  });

  test('merged is as if all had been recorded in one', () => {
    fc.assert(
      fc.property(fc.array(duration), fc.array(duration), (a, b) => {
        const [first, second, both] = [new Histogram(), new Histogram(), new Histogram()];
        for (const each of a) first.record(each);
        for (const each of b) second.record(each);
        for (const each of [...a, ...b]) both.record(each);
        addUp(first, second);
        const quantiles = [0.01, 0.25, 0.5, 0.9, 0.99, 1];
        expect(first.count).toBe(both.count);
        expect(quantiles.map((q) => quantile(first, q))).toEqual(quantiles.map((q) => quantile(both, q)));
      }),
    );
  });
});

/** A flow with a clock to be moved by hand. */
class Clock implements Flow {
  readonly strict = false;
  readonly quitting = false;
  readonly turn = new Gate();
  time = 1;
  looks = 0;

  now(): number {
    this.looks++;
    return this.time;
  }

  spend(): void {}
  join(): boolean {
    return true;
  }
  leave(): void {}
  releasing(): void {}
  lateError(): void {}
}

/** `count` durations of `lasting` ms, one begun every `every` ms. */
function measure(watch: Stopwatch, clock: Clock, count: number, lasting: number, every = lasting): void {
  for (let i = 0; i < count; i++) {
    const begun = clock.time;
    const started = watch.start(clock);
    clock.time = begun + lasting;
    watch.end(clock, started);
    clock.time = begun + every;
  }
}

describe('Stopwatch', () => {
  test('times every duration while they come slowly', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    measure(watch, clock, 100, 3, 10);
    expect(watch.total).toBeCloseTo(300);
    expect([watch.stride, watch.durations.count, clock.looks]).toEqual([1, 100, 200]);
  });

  test('times one in sixteen while they come fast, and the sum is about right', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    measure(watch, clock, 100_000, 0.002);
    expect(watch.stride).toBe(16);
    expect(watch.total / 200).toBeGreaterThan(0.99);
    expect(watch.total / 200).toBeLessThan(1.01);
    expect(clock.looks).toBeLessThan((2 * 100_000) / 15);
    expect(quantile(watch.durations, 0.5)! / 0.002).toBeLessThan(1.1893);
  });

  test('settles on a stride between the two', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    measure(watch, clock, 100_000, 0.01);
    expect(watch.stride).toBe(8);
    expect(watch.total / 1000).toBeCloseTo(1, 2);
  });

  test('times every one again once they come slowly', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    measure(watch, clock, 1_000, 0.002);
    expect(watch.stride).toBe(16);
    const { total } = watch;
    // At most one stride goes by before it notices.
    measure(watch, clock, 116, 3, 10);
    expect(watch.stride).toBe(1);
    expect((watch.total - total) / (116 * 3)).toBeGreaterThan(0.8);
    expect((watch.total - total) / (116 * 3)).toBeLessThan(1.2);
  });

  test('R-50 counts each for as many as were let pass when it began, also of many at once that come in bursts', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    clock.time = 1;
    const bursts = 100;
    for (let burst = 0; burst < bursts; burst++) {
      const begun = Array.from({ length: 16 }, () => {
        clock.time += 0.003;
        return watch.start(clock);
      });
      clock.time += 50;
      for (const started of begun) watch.end(clock, started);
      clock.time += 150;
    }
    expect(watch.total / (bursts * 16 * 50)).toBeGreaterThan(0.8);
    expect(watch.total / (bursts * 16 * 50)).toBeLessThan(1.2);
  });

  test('times to a tenth of a microsecond, also after a year', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    clock.time = 365 * 24 * 3_600_000;
    const started = watch.start(clock);
    clock.time += 0.5;
    watch.end(clock, started);
    expect(watch.total).toBeCloseTo(0.5, 4);
  });

  test('counts what has not ended up to now, and no less once it has', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    clock.time = 100;
    const first = watch.start(clock);
    clock.time = 110;
    const second = watch.start(clock);
    expect([watch.total, watch.totalAt(clock.time)]).toEqual([0, 10]);
    clock.time = 130;
    expect(watch.totalAt(clock.time)).toBeCloseTo(50);
    watch.end(clock, first);
    expect([watch.total, watch.totalAt(clock.time)]).toEqual([30, 50]);
    clock.time = 200;
    watch.end(clock, second);
    expect([watch.total, watch.totalAt(clock.time), watch.totalAt(1e6)]).toEqual([120, 120, 120]);
  });

  test('times also what begins with the clock', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    clock.time = 0;
    const started = watch.start(clock);
    expect(started).toBeGreaterThan(0);
    clock.time = 100;
    watch.end(clock, started);
    expect(watch.durations.count).toBe(1);
    expect(watch.totalAt(1e6)).toBe(watch.total);
  });

  test('counts each that has not ended for as many as were let pass when it began', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    clock.time = 1000;
    for (let i = 0; i < 1000; i++) {
      clock.time += 0.001;
      watch.start(clock);
    }
    expect(watch.stride).toBe(16);
    expect(watch.totalAt(clock.time + 100) / (1000 * 100)).toBeGreaterThan(0.95);
    expect(watch.totalAt(clock.time + 100) / (1000 * 100)).toBeLessThan(1.05);
  });

  test('never goes back, and comes to the sum of all once all have ended, whatever is under way at once', () => {
    const step = fc.record({ after: fc.double({ min: 0, max: 1e4, noNaN: true }), ends: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const [watch, clock] = [new Stopwatch(), new Clock()];
        const open: number[] = [];
        let before = 0;
        for (const { after, ends } of steps) {
          clock.time += after;
          if (ends < 5) open.push(watch.start(clock));
          else watch.end(clock, open.splice(ends % (open.length || 1), 1)[0] ?? 0);
          const now = watch.totalAt(clock.time);
          expect(now).toBeGreaterThanOrEqual(before - 1e-3);
          before = now;
        }
        for (const started of open) watch.end(clock, started);
        expect(watch.totalAt(clock.time + 1e6)).toBe(watch.total);
        expect(Math.abs(watch.total - before)).toBeLessThan(1e-3);
      }),
    );
  });

  test('makes nothing of a duration that it did not begin', () => {
    const [watch, clock] = [new Stopwatch(), new Clock()];
    watch.end(clock, 0);
    expect([watch.total, watch.durations.count, clock.looks]).toEqual([0, 0, 0]);
  });
});
