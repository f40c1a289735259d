import { outOfRange, wrongType } from '../../core/errors.ts';
import type { OptionReader } from '../../core/options.ts';

/** Reads an option that is a share: more than 0, and at most 1. A percentage is refused, with what was probably meant. */
export function readRatio<O extends object>(read: OptionReader<O>, key: keyof O & string): number | undefined {
  const value: unknown = read.get(key);
  if (value === undefined) return undefined;
  const rule = 'a number of more than 0 and at most 1';
  if (typeof value !== 'number') throw wrongType(read.caller, key, rule, value);
  if (value > 0 && value <= 1) return value;
  const error = outOfRange(read.caller, key, rule, value);
  if (value > 1 && value <= 100) error.message += `. Did you mean ${value / 100}?`;
  throw error;
}
