import { outOfRange, wrongType } from '../../core/errors.ts';

/** Checks a number against a rule, in words and as a test. */
export function checkNumber(
  fn: string,
  name: string,
  value: unknown,
  rule: string,
  isRight: (value: number) => boolean,
): number {
  if (typeof value !== 'number') throw wrongType(fn, name, rule, value);
  if (!isRight(value)) throw outOfRange(fn, name, rule, value);
  return value;
}

/** Checks a share of a whole. */
export function checkShare(fn: string, name: string, value: unknown): number {
  return checkNumber(fn, name, value, 'a number from 0 to 1, as 0.6 for 60 %', (it) => it >= 0 && it <= 1);
}
