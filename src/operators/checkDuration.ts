import { outOfRange, wrongType } from '../core/errors.ts';

/** Checks an argument that is a duration in milliseconds, one that a timer can keep. */
export function checkDuration(fn: string, name: string, value: unknown): number {
  const rule = 'a number of milliseconds from 0 to 2147483647';
  if (typeof value !== 'number') throw wrongType(fn, name, rule, value);
  if (!(value >= 0 && value <= MAX_TIMER)) throw outOfRange(fn, name, rule, value);
  return value;
}

/** The longest delay, in milliseconds, that a timer keeps. */
const MAX_TIMER = 2 ** 31 - 1;
