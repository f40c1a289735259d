import { expect, test } from 'vitest';
import { startProgram } from './startProgram.ts';

test.each(['input', 'completion'])(
  'R-60 R-61 R-64 of 40,000 items 40 exit, 20 loop, 40 throw: each is blamed, the rest exact (%s order)',
  async (order) => {
    const { code, lines, err } = await startProgram('soak', order).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(lines.at(-1)!)).toEqual({ delivered: 40_000, wrong: [], restarts: 60 });
  },
  310_000,
);

// RECYCLE=1000 takes a minute and a quarter on two cores.
const recycled = Number(process.env['RECYCLE'] ?? 200);

test(`R-65 F4: ${recycled} threads replaced after an item each lose nothing, leave nothing, and are collected`, async () => {
  const { code, lines, err } = await startProgram('recycle', String(recycled)).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { left, heap, started, ...rest } = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
  expect(rest).toEqual({ inOrder: true, items: recycled });
  expect(started).toBeGreaterThanOrEqual(recycled);
  // A few may be held by a frame or a closure that is still warm.
  expect(left).toBeLessThan(10);
  // What is compiled on the way takes some; 5 KB a thread is what threads.js itself would keep.
  expect(heap).toBeLessThan(2 ** 19 + recycled * 1_500);
}, 310_000);
