import { outOfRange, wrongType } from '../core/errors.ts';
import type { OptionReader } from '../core/options.ts';

/** Reads a required option that is a time in milliseconds, such as a timer can keep again and again. */
export function readPeriod<O extends object>(read: OptionReader<O>, key: keyof O & string): number {
  const value: unknown = read.get(key);
  const rule = 'a number of milliseconds from 1 to 2147483647';
  if (typeof value !== 'number') throw wrongType(read.caller, key, rule, value);
  if (!(value >= 1 && value <= 2 ** 31 - 1)) throw outOfRange(read.caller, key, rule, value);
  return value;
}
