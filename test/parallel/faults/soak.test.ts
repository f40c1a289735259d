import { expect, test } from 'vitest';
import { startProgram } from './startProgram.ts';

test('R-60 R-61 R-64 of 40,000 items, half of them in input order, 40 exit, 20 loop, 40 throw: each is blamed, the rest exact', async () => {
  const { code, lines, err } = await startProgram('soak').ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const halves = lines.map((line) => JSON.parse(line) as { order: string; restarts: number });
  const delivered = { delivered: 20_000, wrong: [] };
  expect(halves.map(({ restarts: _, ...half }) => half)).toEqual([
    { order: 'input', ...delivered },
    { order: 'completion', ...delivered },
  ]);
  for (const { order, restarts } of halves) {
    // Where the last items may overtake each other, nothing may be left to do for a thread in the place of the last that went.
    expect(restarts, order).toBeGreaterThanOrEqual(order === 'input' ? 30 : 29);
    expect(restarts, order).toBeLessThanOrEqual(30);
  }
}, 310_000);

// RECYCLE=1000 takes a minute and a quarter on two cores.
const recycled = Number(process.env['RECYCLE'] ?? 30);

test(`R-65 F4: ${recycled} threads replaced after an item each lose nothing, leave nothing, and are collected`, async () => {
  const { code, lines, err } = await startProgram('recycle', String(recycled)).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { left, heap, started, objects, ...rest } = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
  expect(rest).toEqual({ inOrder: true, items: recycled });
  expect(started).toBeGreaterThanOrEqual(recycled);
  // A few may be held by a frame or a closure that is still warm.
  expect(left).toBeLessThan(10);
  // Not one for each thread: that there are fewer shows it of any number.
  expect(objects).toBeLessThan(recycled / 2);
  // What is compiled on the way takes some; 5 KB a thread is what threads.js itself would keep.
  expect(heap).toBeLessThan(2 ** 20 + recycled * 1_500);
}, 310_000);
