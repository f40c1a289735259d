import { checkNumber } from '../../core/readers.ts';

/** Checks a share of a whole. */
export function checkShare(fn: string, name: string, value: unknown): number {
  return checkNumber(fn, name, value, 'a number from 0 to 1, as 0.6 for 60 %', (it) => it >= 0 && it <= 1);
}
