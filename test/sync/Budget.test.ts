import fc from 'fast-check';
import { filter, map, tap, timer } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../src/sync/Budget.ts';
import { marbles } from '../../src/testing/marbles.ts';

/** Spends until the budget says no, and says how often it said yes. */
function spendAll(budget: Budget): number {
  let spent = 0;
  while (budget.trySpend()) spent++;
  return spent;
}

describe('Budget', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ hot, expectObservable }) => {
      const calls = hot('c----------x-x-x---c-c-x--');
      const expected = ' -----------y-y-n-------y--';
      const budget = new Budget({ ratio: 0.5, burst: 2, perSecond: 0 });
      const answers = calls.pipe(
        tap((what) => what === 'c' && budget.earn()),
        filter((what) => what === 'x'),
        map(() => (budget.trySpend() ? 'y' : 'n')),
      );
      expectObservable(answers).toBe(expected);
    });
  });

  test('begins with the burst', () => {
    const budget = new Budget({ burst: 3, perSecond: 0 });
    expect([budget.available, spendAll(budget), budget.available]).toEqual([3, 3, 0]);
  });

  test('ten tenths of a call are one, although they add up to a little less', () => {
    const budget = new Budget({ ratio: 0.1, burst: 1, perSecond: 0 });
    spendAll(budget);
    for (let i = 0; i < 9; i++) budget.earn();
    expect(budget.trySpend()).toBe(false);
    budget.earn();
    expect([budget.available, budget.trySpend(), budget.trySpend()]).toEqual([1, true, false]);
  });

  test('saves no more than the burst, whatever is earned', () => {
    const budget = new Budget({ ratio: 1, burst: 2, perSecond: 0 });
    for (let i = 0; i < 1000; i++) budget.earn();
    expect(spendAll(budget)).toBe(2);
  });

  test('earns with time, too, so that a program which calls seldom is not locked out', () => {
    marbles(() => {
      const budget = new Budget({ burst: 5, perSecond: 2 });
      expect(spendAll(budget)).toBe(5);
      timer(499).subscribe(() => expect(budget.trySpend()).toBe(false));
      timer(500).subscribe(() => expect(spendAll(budget)).toBe(1));
      timer(100_000).subscribe(() => expect(spendAll(budget)).toBe(5));
    });
  });

  test('in any time spends no more than burst + ratio × calls + perSecond × seconds', () => {
    const step = fc.oneof(fc.constant('call'), fc.constant('spend'), fc.integer({ min: 1, max: 2000 }));
    fc.assert(
      fc.property(
        fc.record({
          ratio: fc.constantFrom(0.05, 0.1, 0.5, 1),
          burst: fc.integer({ min: 1, max: 5 }),
          perSecond: fc.constantFrom(0, 1, 7),
        }),
        fc.array(step, { maxLength: 100 }),
        (options, steps) => {
          marbles(() => {
            const { ratio, burst, perSecond } = options;
            const budget = new Budget(options);
            const log: { at: number; calls: number; spent: number }[] = [];
            let [at, calls, spent] = [0, 0, 0];
            for (const it of steps) {
              if (typeof it === 'number') at += it;
              else
                timer(at).subscribe(() => {
                  if (it === 'call') calls++;
                  if (it === 'call') budget.earn();
                  else if (budget.trySpend()) spent++;
                });
              const now = at;
              timer(at).subscribe(() => log.push({ at: now, calls, spent }));
            }
            timer(at + 1).subscribe(() => {
              for (const [i, from] of log.entries()) {
                for (const to of log.slice(i)) {
                  const allowed = burst + ratio * (to.calls - from.calls) + (perSecond * (to.at - from.at)) / 1000;
                  expect(to.spent - from.spent).toBeLessThanOrEqual(allowed + 1e-6);
                }
              }
            });
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
