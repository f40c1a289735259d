import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Slot, type SlotOwner } from '../../src/core/slot.ts';
import { Inline } from '../../src/parallel/Inline.ts';
import type { Task } from '../../src/parallel/task.ts';

/** A clock that items turn, and what is to happen in the next turn of the event loop. */
const clock = vi.hoisted(() => ({ time: 0, later: [] as (() => void)[] }));

vi.mock('../../src/parallel/pool/clock.ts', () => ({
  now: () => clock.time,
  setImmediate: (act: () => void) => void clock.later.push(act),
}));

beforeEach(() => void (clock.time = 1_000));
afterEach(() => expect(clock.later).toEqual([]));

/** An item is the milliseconds that it takes. */
const takes: Task<number, number> = {
  url: '',
  name: 'takes',
  fn: (ms) => {
    clock.time += ms;
    return ms;
  },
};

/** A stage that has room for so many in line, above which there always is another item; its threads have measured that items are cheap. */
function start(items: readonly number[], { room, hop }: { room: number; hop: number }) {
  const line: Slot<number, number>[] = [];
  const done: number[] = [];
  const source = items.values();
  const owner = { name: 'work', resolved: (_, ms) => void done.push(ms) } as Partial<SlotOwner<number, number>>;
  const fill = (): void => {
    while (line.length < room) {
      const { done: isOver, value } = source.next();
      if (isOver === true) return;
      const slot = new Slot(owner as SlotOwner<number, number>);
      slot.begin(value, done.length + line.length);
      line.push(slot);
    }
  };
  const giveBack = vi.fn();
  const inline = new Inline<number, number>(takes, {
    nextInline: () => line.shift(),
    together(deliver) {
      deliver();
      fill();
    },
    giveBack,
  });
  inline.sent((hop / 2) * 1_000, 1_000);
  inline.ran(0, 1_000);
  expect(inline.isOn).toBe(true);
  fill();
  return {
    inline,
    done,
    giveBack,
    /** A turn of the event loop, in which the stage asks again whenever items have begun. Gives how long it took. */
    turn(): number {
      const since = clock.time;
      for (const act of clock.later.splice(0)) act();
      for (let before = -1; before !== inline.items;) {
        before = inline.items;
        if (inline.isOn && line.length > 0) inline.run();
      }
      return clock.time - since;
    },
  };
}

/** So many items, of which some take another time than the others. */
function many(count: number, ms: number, others: (n: number) => number | undefined = () => undefined): number[] {
  return Array.from({ length: count }, (_, n) => others(n) ?? ms);
}

test.each([1, 4, 16, 100])('runs for four milliseconds in each turn of the event loop, with %i in line', (room) => {
  const { turn, done } = start(many(1_000, 0.5), { room, hop: 1 });
  const turns: number[] = [];
  while (done.length < 1_000) turns.push(turn());
  turn();
  turn();
  expect(turns).toEqual(many(125, 4));
});

test('looks at the clock after each item, also where the way to a thread is dear, and items take long', () => {
  const { turn, done } = start(many(20, 3), { room: 64, hop: 20 });
  expect([turn(), turn(), turn()]).toEqual([6, 6, 6]);
  while (done.length < 20) turn();
  turn();
  turn();
});

test.each([
  ['all', () => 1],
  ['every second', (n: number) => (n % 2 === 1 ? 1 : undefined)],
  ['every hundredth', (n: number) => (n % 100 === 99 ? 5 : undefined)],
])('gives items back to the threads when the work grows, be it that of %s', (_, others) => {
  const { turn, inline, done, giveBack } = start(many(5_000, 0.001, others), { room: 16, hop: 0.002 });
  while (inline.isOn && done.length < 5_000) turn();
  turn();
  expect([inline.isOn, giveBack.mock.calls]).toEqual([false, [[[], 0]]]);
  expect(done.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(20);
});

test('a pause now and then is not taken for work that grows', () => {
  const pausing = many(40_000, 0.001, (n) => (n % 16_000 === 0 ? 8 : undefined));
  const { turn, inline, done } = start(pausing, { room: 64, hop: 0.002 });
  while (inline.isOn && done.length < 40_000) turn();
  turn();
  turn();
  expect([inline.isOn, done.length]).toEqual([true, 40_000]);
});
