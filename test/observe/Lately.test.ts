import { describe, expect, test } from 'vitest';
import { Lately } from '../../src/observe/Lately.ts';
import type { LoopMoment, LoopTime } from '../../src/observe/LoopTime.ts';
import type { FlowStats } from '../../src/observe/report.ts';
import { source, stage, synthetic, threads } from './fixtures/syntheticFlows.ts';

/** A flow that began with nothing: so many items in so many milliseconds. */
const stats = (elapsed: number, items = 0): FlowStats =>
  synthetic(elapsed, [source('read', { items, each: 0.1 }), stage('store', { items, each: 1, concurrency: 2 })]);

/** An event loop that has been at work as long as a test says. */
function loopTime() {
  const loop = { now: { active: 0, idle: 0 } };
  const share = (since: LoopMoment = { active: 0, idle: 0 }): number => {
    const active = loop.now.active - since.active;
    return active / (active + loop.now.idle - since.idle);
  };
  const time = { share, get moment() { return loop.now; } }; // prettier-ignore
  return { loop, time: time as unknown as LoopTime };
}

/** Stages that fail and drop, and a thread. */
const at = (elapsed: number, items: number, more: { failed: number; dropped: number; busy: number }) =>
  synthetic(
    elapsed,
    [
      stage('store', {
        items,
        each: 10,
        concurrency: 4,
        failed: more.failed,
        droppedFor: { full: more.dropped },
        dropped: more.dropped,
        held: 0.25,
        waited: 2,
      }),
      stage('late', { items }),
    ],
    { threads: threads(1, elapsed, more.busy, { items }) },
  );

describe('Lately', () => {
  test('is all of a flow that is young', () => {
    const { loop, time } = loopTime();
    const lately = new Lately(time);
    for (let elapsed = 0; elapsed <= 8000; elapsed += 100) {
      loop.now = { active: elapsed / 4, idle: (elapsed * 3) / 4 };
      const now = stats(elapsed || 1);
      expect(lately.upTo(now).stats).toBe(now);
    }
    expect(lately.upTo(stats(8000)).loop).toBe(0.25);
  });

  test('is the last eight seconds of one that has run for longer', () => {
    const { loop, time } = loopTime();
    const lately = new Lately(time);
    for (let elapsed = 100; elapsed < 3_600_000; elapsed += 10_000) lately.upTo(stats(elapsed));
    for (let elapsed = 3_600_000; elapsed < 3_610_000; elapsed += 100) lately.upTo(stats(elapsed, elapsed / 1000));
    // From here on it is twice as fast.
    loop.now = { active: 1000, idle: 5_000_000 };
    for (let elapsed = 3_610_000; elapsed <= 3_620_000; elapsed += 100) {
      lately.upTo(stats(elapsed, 3610 + ((elapsed - 3_610_000) / 1000) * 2));
    }
    loop.now = { active: 7000, idle: 5_002_000 };
    const { stats: seen, loop: share } = lately.upTo(stats(3_620_100, 3630));
    expect(seen.elapsed).toBeGreaterThan(7000);
    expect(seen.elapsed).toBeLessThanOrEqual(8000);
    expect(seen.stages[1]!.rate).toBeCloseTo(2, 0);
    expect(share).toBe(0.75);
  });

  test('is the time since it was looked at again, once that is a second', () => {
    const lately = new Lately(loopTime().time);
    lately.upTo(stats(10));
    const first = stats(3_600_000, 10_000);
    expect(lately.upTo(first).stats).toBe(first);
    const soon = stats(3_600_500, 10_000);
    expect(lately.upTo(soon).stats).toBe(soon);
    expect(lately.upTo(stats(3_601_000, 10_005)).stats).toMatchObject({ elapsed: 1000, results: 5 });
    expect(lately.upTo(stats(3_604_000, 10_005)).stats).toMatchObject({ elapsed: 4000, results: 5 });
  });

  test('has differences of what grows, and the rest as it is', () => {
    const lately = new Lately(loopTime().time);
    const before = at(10_000, 100, { failed: 10, dropped: 20, busy: 0.5 });
    lately.upTo({ ...before, stages: before.stages.slice(0, 1) });
    const now = at(12_000, 300, { failed: 10, dropped: 60, busy: 0.75 });
    const { stats: seen } = lately.upTo(now);
    expect(seen).toMatchObject({ elapsed: 2000, results: now.results - before.results });
    const [store, late] = seen.stages;
    expect(store).toMatchObject({
      in: 200,
      out: 160,
      completed: 160,
      failed: 0,
      droppedFor: { full: 40 },
      heldBack: 500,
      concurrency: 4,
      p50: 10,
      rate: 80,
    });
    // 160 items of 10 ms each in two seconds.
    expect(store!.used).toBeCloseTo(0.8);
    expect(store!.busy + store!.heldBack + store!.idle).toBeCloseTo(2000);
    expect(store!.waited).toBeCloseTo(2);
    // It was not there before.
    expect(late!.in).toBe(300);
    expect(seen.threads).toMatchObject([{ time: 2000, items: 200, busy: 4000 }]);
  });

  test('keeps no more than a few moments, and none when it is told to forget', () => {
    const lately = new Lately(loopTime().time);
    for (let elapsed = 100; elapsed < 100_000; elapsed += 100) {
      lately.upTo(stats(elapsed));
      expect(lately.size).toBeLessThanOrEqual(10);
    }
    lately.forget();
    expect(lately.size).toBe(0);
  });
});
