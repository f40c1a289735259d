import { task } from 'sluice/task';

/** Work that is over at once: a few nanoseconds. */
export const addOne = task(import.meta.url, 'add one', (n: number) => n + 1);

/** Work that takes some microseconds. */
export const shuffleBits = task(import.meta.url, 'shuffle bits', (n: number) => rounds(n, 2_000));

/** Work that takes about a millisecond. */
export const grind = task(import.meta.url, 'grind', (n: number) => rounds(n, 400_000));

function rounds(n: number, count: number): number {
  let bits = n;
  for (let round = 0; round < count; round++) bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d) + round;
  return bits;
}
