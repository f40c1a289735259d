import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Waiter } from '../../src/core/gate.ts';
import { Turn } from '../../src/observe/turn.ts';

let time = 0;
const turn = (): Turn => new Turn(() => time);

beforeEach(() => {
  time = 0;
  vi.useFakeTimers({ toFake: ['setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Spends values of `ms` each until the gate closes, and gives how long that took. */
function spendUntilClosed(of: Turn, ms: number): number {
  const began = time;
  for (let n = 0; of.gate.isOpen && n < 1_000_000; n++) {
    time += ms;
    of.spend();
  }
  return time - began;
}

describe('Turn', () => {
  test('closes once 5 ms have passed, and opens when the event loop has gone round', () => {
    const it = turn();
    expect(spendUntilClosed(it, 1)).toBe(5);
    expect(it.gate.isOpen).toBe(false);
    expect(vi.getTimerCount()).toBe(1);
    vi.runAllTicks();
    expect(it.gate.isOpen).toBe(false);
    vi.advanceTimersToNextTimer();
    expect([it.gate.isOpen, vi.getTimerCount()]).toEqual([true, 0]);
  });

  test.each([0.000_1, 0.001, 0.01, 0.1, 0.5, 1, 2, 4, 5])(
    'values of %d ms: it closes after no less than 5 ms and no more than 10',
    (ms) => {
      const it = turn();
      for (let round = 0; round < 5; round++) {
        const took = spendUntilClosed(it, ms);
        expect(took).toBeGreaterThan(4.999);
        expect(took).toBeLessThanOrEqual(10);
        vi.advanceTimersToNextTimer();
      }
    },
  );

  test('values that become slow all at once are noticed within 32', () => {
    const it = turn();
    for (let i = 0; i < 100; i++) {
      time += 0.0001;
      it.spend();
    }
    let count = 0;
    while (it.gate.isOpen) {
      time += 3;
      it.spend();
      count++;
    }
    expect(count).toBeLessThanOrEqual(32);
  });

  test('a value longer than a turn closes it at once', () => {
    const it = turn();
    expect(spendUntilClosed(it, 400)).toBe(400);
  });

  test('looks at the clock less and less often while values are quick', () => {
    const now = vi.fn(() => time);
    const it = new Turn(now);
    now.mockClear();
    for (let i = 0; i < 3200; i++) {
      time += 0.001;
      it.spend();
    }
    expect(now.mock.calls.length).toBeLessThan(120);
  });

  test('values spent while it is closed start no second wait', () => {
    const it = turn();
    spendUntilClosed(it, 1);
    for (let i = 0; i < 20; i++) {
      time += 6;
      it.spend();
    }
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersToNextTimer();
    expect([it.gate.isOpen, vi.getTimerCount()]).toEqual([true, 0]);
  });

  test('R-13: wakes in order those who wait', () => {
    const it = turn();
    spendUntilClosed(it, 1);
    const log: string[] = [];
    for (const name of ['a', 'b']) it.gate.wait(new Waiter(() => log.push(name)));
    expect(log).toEqual([]);
    vi.advanceTimersToNextTimer();
    expect(log).toEqual(['a', 'b']);
  });

  test('R-42: at its end lets everyone go, and leaves nothing scheduled; twice is harmless', () => {
    const it = turn();
    spendUntilClosed(it, 1);
    const woken = vi.fn();
    it.gate.wait(new Waiter(woken));
    it.end();
    it.end();
    expect([it.gate.isOpen, vi.getTimerCount(), woken.mock.calls.length]).toEqual([true, 0, 1]);
  });

  test('where there is no setImmediate, a timer does', () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.stubGlobal('setImmediate', undefined);
    try {
      const it = turn();
      spendUntilClosed(it, 1);
      expect([it.gate.isOpen, vi.getTimerCount()]).toEqual([false, 1]);
      vi.advanceTimersToNextTimer();
      expect(it.gate.isOpen).toBe(true);
      spendUntilClosed(it, 1);
      it.end();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
