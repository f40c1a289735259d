import { expect, test, vi } from 'vitest';
import { ThreadStates } from '../../../src/parallel/pool/ThreadStates.ts';
import type { Seat } from '../../../src/parallel/pool/Seat.ts';

const resize = { name: 'resize' };
const other = { name: 'resize' };

/** Seats of threads that are at these items. */
const seats = (...working: (readonly [user: object, item: number] | undefined)[]): Seat[] =>
  working.map((work, number) => {
    const figures = { number, busy: 0, items: 0, restarts: 0, external: 0, heap: 0, isSurplus: false };
    const thread = { isReady: true };
    return { ...figures, thread, working: work && { user: work[0], item: work[1] } } as unknown as Seat;
  });

let time = 0;
vi.mock('../../../src/parallel/pool/clock.ts', () => ({ now: () => time }));

test('says for how long threads are seen at the items of one stage, not of another of its name', () => {
  const threads = seats([resize, 1], [resize, 2], [other, 1], undefined);
  const states = new ThreadStates(threads);
  expect([resize, other].map((stage) => states.timeAt(stage))).toEqual([0, 0]);
  time += 1_000;
  expect([resize, other].map((stage) => states.timeAt(stage))).toEqual([2_000, 1_000]);
});

test('begins anew where the thread has gone on to an item of another stage, even with the same number', () => {
  const threads = seats([resize, 7]);
  const states = new ThreadStates(threads);
  states.read();
  time += 3_000;
  expect(states.read()).toMatchObject([{ state: 'working', stage: 'resize', item: 7, since: 3_000 }]);
  Object.assign(threads[0]!, { working: { user: other, item: 7 } });
  expect(states.timeAt(other)).toBe(0);
  time += 500;
  expect(states.read()).toMatchObject([{ since: 500 }]);
});
