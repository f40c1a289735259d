import { beforeEach, expect, test, vi } from 'vitest';
import { Alarm } from '../../src/operators/Alarm.ts';

/** A clock that is turned by hand, and the one timer of an alarm, which fires when it is told to: early, late or in time. */
const clock = vi.hoisted(() => ({
  time: 0,
  started: [] as number[],
  fire: undefined as (() => void) | undefined,
}));

vi.mock('../../src/core/clock.ts', () => ({
  now: () => clock.time,
  after: (ms: number, act: () => void) => {
    clock.started.push(ms);
    clock.fire = act;
    return { unsubscribe: () => void (clock.fire = undefined) };
  },
}));

const rung: number[] = [];
let alarm = new Alarm(() => {});

beforeEach(() => {
  clock.time = 100;
  clock.started.length = rung.length = 0;
  clock.fire = undefined;
  alarm = new Alarm(() => rung.push(clock.time));
});

function fireAt(time: number): void {
  clock.time = time;
  clock.fire?.();
}

test('a timer that fires early is set again for the rest, in whole milliseconds', () => {
  alarm.set(105.3);
  fireAt(104.9);
  fireAt(105.29);
  expect([rung, clock.started]).toEqual([[], [6, 1, 1]]);
  fireAt(106.2);
  expect(rung).toEqual([106.2]);
});

test('putting it off costs no timer until the one that runs has fired', () => {
  alarm.set(110);
  for (let at = 111; at < 150; at++) alarm.set(at);
  fireAt(110);
  expect([rung, clock.started]).toEqual([[], [10, 39]]);
  fireAt(149);
  expect(rung).toEqual([149]);
});

test('bringing it forward does, and what is past comes at the next turn', () => {
  alarm.set(150);
  alarm.set(120);
  alarm.set(90);
  expect(clock.started).toEqual([50, 20, 0]);
  fireAt(100);
  expect(rung).toEqual([100]);
});

test('what no timer can keep is divided (R-51)', () => {
  alarm.set(100 + 2 ** 32);
  fireAt(100 + 2 ** 31 - 1);
  fireAt(100 + 2 ** 32 - 2);
  expect([rung, clock.started]).toEqual([[], [2 ** 31 - 1, 2 ** 31 - 1, 2]]);
  alarm.set(Infinity);
  expect(clock.started.length).toBe(3);
});

test('put off for ever, it needs no further timer, and may be set again', () => {
  alarm.set(110);
  alarm.set(Infinity);
  fireAt(110);
  expect([rung, clock.started]).toEqual([[], [10]]);
  alarm.set(115);
  fireAt(115);
  expect([rung, clock.started]).toEqual([[115], [10, 5]]);
});

test('stopped, it is silent, and may be set again, also from within', () => {
  alarm.set(110);
  alarm.stop();
  expect(clock.fire).toBeUndefined();
  alarm.set(120);
  fireAt(120);
  alarm.set(130);
  expect([rung, clock.started]).toEqual([[120], [10, 20, 10]]);
});
