import { outOfRange, wrongType } from '../../core/errors.ts';
import type { OptionReader } from '../../core/options.ts';

/** Reads an option that is a number which passes a test; `rule` says which do. */
export function readNumber<O extends object>(
  read: OptionReader<O>,
  key: keyof O & string,
  rule: string,
  isRight: (value: number) => boolean,
): number | undefined {
  const value: unknown = read.get(key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw wrongType(read.caller, key, rule, value);
  if (!isRight(value)) throw outOfRange(read.caller, key, rule, value);
  return value;
}
