import { inspect } from '../../src/core/errors.ts';

/** A value that an option refuses, and the error that it is refused with. */
export type BadValue = readonly [value: unknown, type: TypeErrorConstructor | RangeErrorConstructor, code: string];

const wrongType = (...values: unknown[]): BadValue[] =>
  values.map((value) => [value, TypeError, 'ERR_INVALID_ARG_TYPE']);
const wrongValue = (...values: unknown[]): BadValue[] =>
  values.map((value) => [value, TypeError, 'ERR_INVALID_ARG_VALUE']);
const outOfRange = (...values: unknown[]): BadValue[] => values.map((value) => [value, RangeError, 'ERR_OUT_OF_RANGE']);

const noNumbers = wrongType('2', '', null, true, [2], {}, 2n, Symbol('two'), Object(2), new Date(0), () => 2);

/** The rows of the table of bad input that a count has, from its least value on. */
export const badCounts = (min: 0 | 1, infinite: boolean): BadValue[] => [
  ...outOfRange(NaN, -1, 1.5, -0, 2 ** 53, -Infinity, ...(min === 1 ? [0] : []), ...(infinite ? [] : [Infinity])),
  ...noNumbers,
];
export const badDurations: BadValue[] = [...outOfRange(NaN, -1, Infinity, 2 ** 31), ...noNumbers, ...wrongType('1s')];
export const badPositives: BadValue[] = [...outOfRange(NaN, -1, 0, -0, Infinity), ...noNumbers];
export const badFunctions: BadValue[] = wrongType(null, 'x', 1, true, {}, /x/, [], new Date(0), Symbol('f'));
export const badNames: BadValue[] = [
  ...wrongType(null, 1, true, {}, ['a'], Symbol('name')),
  ...wrongValue('', 'a\nb', '\u001B[31m', '\u202Ename', 'x'.repeat(201)),
];
/** For an option that takes one of a few words. */
export const badWords = (...words: string[]): BadValue[] => [
  ...wrongValue('', 'nonsense', ...words),
  ...wrongType(null, 1, true, [], Symbol('word')),
];
export const badObjects: BadValue[] = wrongType(null, 5, 'x', true, [], Symbol('options'), () => {});

/** A row for every option and each of its bad values. */
export function table(
  bad: Readonly<Record<string, readonly BadValue[]>>,
): { option: string; shown: string; bad: BadValue }[] {
  return Object.entries(bad).flatMap(([option, rows]) =>
    rows.map((row) => ({ option, shown: inspect(row[0]), bad: row })),
  );
}

/** What `call` throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return 'nothing';
}
