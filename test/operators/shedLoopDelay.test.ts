import { Subject } from 'rxjs';
import { afterEach, expect, test, vi } from 'vitest';
import { shed } from '../../src/operators/shed.ts';
import { Probe } from '../core/Probe.ts';

/** A clock that is turned by hand, and timers that fire when they are told to: so they can be late. */
const clock = vi.hoisted(() => ({ time: 1_000, timers: new Set<{ act: () => void; at: number }>() }));

vi.mock('../../src/core/clock.ts', () => ({
  now: () => clock.time,
  after: (ms: number, act: () => void) => {
    const timer = { act, at: clock.time + ms };
    clock.timers.add(timer);
    return { unsubscribe: () => void clock.timers.delete(timer) };
  },
}));

/** Lets `ms` pass in which nothing can run, and then the timers that are due. */
function pass(ms: number): void {
  clock.time += ms;
  for (const timer of [...clock.timers].filter(({ at }) => at <= clock.time)) {
    clock.timers.delete(timer);
    timer.act();
  }
}

afterEach(() => {
  expect(clock.timers.size).toBe(0);
});

function start(drop: 'newest' | 'oldest') {
  const source = new Subject<string>();
  const dropped: string[] = [];
  const probe = new Probe<string>().subscribe(
    source.pipe(
      shed({ when: { maxLoopDelay: 50 }, drop, onDrop: (item, reason) => dropped.push(`${item} ${reason}`) }),
    ),
  );
  return { source, dropped, probe };
}

test('while the event loop is late, what arrives is given up although the gate below is open', () => {
  const { source, dropped, probe } = start('newest');
  source.next('a');
  pass(20);
  pass(70);
  source.next('b');
  // 50 ms are not more than 50.
  expect([probe.values, dropped]).toEqual([['a', 'b'], []]);
  pass(20);
  // 101 ms late, of which the timer has not told yet.
  clock.time += 121;
  source.next('c');
  pass(0);
  source.next('d');
  expect(dropped).toEqual(['c maxLoopDelay', 'd maxLoopDelay']);
  // Half of it is left with each timer that is in time: 50.5, then 25.25.
  pass(20);
  source.next('e');
  pass(20);
  source.next('f');
  expect(dropped).toEqual(['c maxLoopDelay', 'd maxLoopDelay', 'e maxLoopDelay']);
  expect(probe.values).toEqual(['a', 'b', 'f']);
  probe.unsubscribe();
});

test("drop: 'oldest' gives up the one that waits, or the one that arrives if none does", () => {
  const { source, dropped, probe } = start('oldest');
  probe.close();
  source.next('a');
  clock.time += 100;
  source.next('b');
  probe.open();
  source.next('c');
  expect([probe.values, dropped]).toEqual([['b'], ['a maxLoopDelay', 'c maxLoopDelay']]);
  source.complete();
  expect(probe.ended).toBe('completed');
});

test('R-42: the measuring ends with the subscription, however that ends', () => {
  for (const end of ['complete', 'error', 'unsubscribe'] as const) {
    const { source, probe } = start('newest');
    expect(clock.timers.size).toBe(1);
    pass(20);
    expect(clock.timers.size).toBe(1);
    if (end === 'unsubscribe') probe.unsubscribe();
    else source[end]('bad');
    expect(clock.timers.size).toBe(0);
  }
});
