import { EMPTY } from 'rxjs';
import { outOfRange, wrongType, wrongValue, type BadValue } from './BadValue.ts';
import { builtIns, HUGE, oddFunctions, oddValues, unreadable } from './oddValues.ts';

/** What an option or argument takes, and what it refuses: a class of section 4 of the rules on bad input. */
export interface Kind {
  readonly good: readonly unknown[];
  readonly bad: readonly BadValue[];
}

const notNumbers = wrongType(...oddValues, '2', '', '1s', 'NaN', true, false, HUGE, () => 2);
const notTexts = wrongType(...oddValues, 0, 1, NaN, true, false, () => 'input');

/** An integer from `min`, up to `max`. */
export function count(min: 0 | 1, { infinite = false, max = 2 ** 53 - 1 } = {}): Kind {
  return {
    good: [min, min + 1, max, ...(infinite ? [Infinity] : [])],
    bad: [
      ...outOfRange(NaN, -1, 1.5, -0, max + 1, 2 ** 53, 1e308, Number.MIN_VALUE, -Infinity),
      ...outOfRange(...(min === 1 ? [0] : []), ...(infinite ? [] : [Infinity])),
      ...notNumbers,
    ],
  };
}

/** Milliseconds. */
export const duration: Kind = {
  good: [0, -0, 0.5, 1, 2 ** 31 - 1],
  bad: [...outOfRange(NaN, -1, -Number.MIN_VALUE, Infinity, -Infinity, 2 ** 31, 2 ** 53), ...notNumbers],
};

/** A finite number of more than 0. */
export const positive: Kind = {
  good: [Number.MIN_VALUE, 1, 2.5, Number.MAX_VALUE],
  bad: [...outOfRange(NaN, -1, 0, -0, Infinity, -Infinity), ...notNumbers],
};

export const flag: Kind = { good: [true, false], bad: wrongType(...oddValues, 0, 1, NaN, '', 'true', 'no', HUGE) };

/** One of a few words. */
export function oneOf(...words: readonly string[]): Kind {
  const near = words.flatMap((word) => [word.toUpperCase(), ` ${word}`, `${word}\0`, word.slice(1)]);
  return { good: words, bad: [...wrongValue('', 'nonsense', '__proto__', 'constructor', HUGE, ...near), ...notTexts] };
}

/** Named by any function, also one whose own name cannot name a stage. */
const functions = [
  () => {},
  Object.defineProperty(() => {}, 'name', { value: 'a\u001B[31m\nb' }),
  Object.defineProperty(() => {}, 'name', { value: '__proto__' }),
  Object.defineProperty(() => {}, 'name', { value: 5 }),
  Object.defineProperty(() => {}, 'name', {
    get: () => {
      throw new Error('the name of a function is no code of its own');
    },
  }),
  Object.defineProperty(() => {}, 'name', { value: HUGE }),
  class {
    static name(): void {}
    work(): void {}
  },
  async function* named() {},
  Object.setPrototypeOf(() => {}, null),
];

export const fn: Kind = { good: functions, bad: wrongType(...oddValues, undefined, 'x', '', 1, NaN, true, HUGE) };

/** The same where it may be left out. */
export const optionalFn: Kind = { ...fn, bad: fn.bad.filter(({ value }) => value !== undefined) };

const BAD_NAMES = [
  '',
  'a\nb',
  'a\r',
  '\0',
  '\u001B[31m',
  '\u009B2J',
  '\u202Ename',
  'a\u2028b',
  '\uFEFF',
  '\uD800',
  'x'.repeat(201),
  HUGE,
  '__proto__',
  'constructor',
  'toString',
];

/** The name of a stage, a source or a flow. */
export const stageName: Kind = {
  good: ['a', 'x'.repeat(200), 'with spaces: and "quotes"', 'größer', '数', 'prototype', '😀'.repeat(200)],
  bad: [...wrongValue(...BAD_NAMES), ...notTexts],
};

/** A path or a `file:` URL. */
export const path: Kind = {
  good: ['f', './f', '/a b/f', '__proto__', new URL('file:///a/f')],
  bad: [
    ...wrongValue('', '\0', 'a\0b', new URL('https://example.org/f'), new URL('file:///a%00b')),
    ...wrongValue(new URL('file:///a%2Fb'), new URL('data:text/javascript,0')),
    ...wrongType(...oddValues, undefined, 0, 1, true, () => 'f', Buffer.from('f'), { href: 'file:///f' }),
  ],
};

export const signal: Kind = {
  good: [new AbortController().signal, AbortSignal.abort()],
  bad: wrongType(...oddValues, '', 'abort', 0, true, () => {}, new AbortController(), new EventTarget(), {
    aborted: false,
    addEventListener: () => {},
    removeEventListener: () => {},
  }),
};

/** An Observable. */
export const observable: Kind = {
  good: [EMPTY],
  bad: wrongType(...oddValues, undefined, 0, '', 'text', HUGE, true, () => EMPTY, { subscribe: () => {} }, [EMPTY]),
};

/** The argument that carries options: what is in it is checked option by option. */
export const options: Kind = {
  good: [],
  bad: wrongType(null, 0, 5, '', 'x', true, 2n, Symbol('options'), () => {}, [], [{}], HUGE, ...builtIns).concat(
    wrongType(...unreadable, ...oddFunctions),
  ),
};
