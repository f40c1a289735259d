import { isArrayOf, type OptionReader } from '../../core/options.ts';

/** Reads a capability that is a list, of any values or of some words. */
export function readList<O extends object>(
  read: OptionReader<O>,
  key: keyof O & string,
  words?: readonly string[],
): void {
  const value: unknown = read.get(key);
  const rule = words === undefined ? 'an array' : `an array of ${words.map((word) => `'${word}'`).join(', ')}`;
  const isRight = (each: unknown): each is unknown => words === undefined || words.includes(each as string);
  if (value !== undefined && !isArrayOf(value, isRight)) throw read.wrong(key, rule, value);
}
