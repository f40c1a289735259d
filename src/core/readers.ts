import { outOfRange, wrongType } from './errors.ts';
import type { OptionReader } from './options.ts';

/** Reads an option that is a duration in milliseconds, one that a timer can keep. */
export function readDuration<O extends object>(read: OptionReader<O>, key: keyof O & string): number | undefined {
  const rule = 'a number of milliseconds from 0 to 2147483647';
  return readNumber(read, key, rule, (value) => value >= 0 && value <= MAX_TIMER);
}

/** Reads an option that is a finite number of more than 0. */
export function readPositive<O extends object>(read: OptionReader<O>, key: keyof O & string): number | undefined {
  return readNumber(read, key, 'a finite number of more than 0', (value) => value > 0 && value < Infinity);
}

/** Reads an option that is a function. */
export function readFunction<O extends object, K extends keyof O & string>(
  read: OptionReader<O>,
  key: K,
): O[K] | undefined {
  const value = read.get(key);
  if (value !== undefined && typeof value !== 'function') throw wrongType(read.caller, key, 'a function', value);
  return value;
}

/** Reads an option that is `true` or `false`. */
export function readFlag<O extends object, F>(read: OptionReader<O>, key: keyof O & string, fallback: F): boolean | F {
  const value: unknown = read.get(key);
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw wrongType(read.caller, key, 'true or false', value);
  return value;
}

/** Reads an option that is a number which passes a test; `rule` says which do. */
export function readNumber<O extends object>(
  read: OptionReader<O>,
  key: keyof O & string,
  rule: string,
  isRight: (value: number) => boolean,
): number | undefined {
  const value: unknown = read.get(key);
  return value === undefined ? undefined : checkNumber(read.caller, key, value, rule, isRight);
}

/** Checks a number against a rule, in words and as a test. */
export function checkNumber(
  caller: string,
  name: string,
  value: unknown,
  rule: string,
  isRight: (value: number) => boolean,
): number {
  if (typeof value !== 'number') throw wrongType(caller, name, rule, value);
  if (!isRight(value)) throw outOfRange(caller, name, rule, value);
  return value;
}

/** The longest delay, in milliseconds, that a timer keeps: a longer one fires at once. */
const MAX_TIMER = 2 ** 31 - 1;
