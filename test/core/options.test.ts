import { describe, expect, test } from 'vitest';
import { OptionReader, checkCount, checkFunction, isArrayOf, isOptions } from '../../src/core/options.ts';
import { nameOf } from '../../src/core/nameOf.ts';
import { readFlag, readFunction } from '../../src/core/readers.ts';

type Reader = OptionReader<{ it?: unknown }>;
const reading = (value: unknown): Reader => new OptionReader('fn', { it: value }, ['it']);
const without = (): Reader => new OptionReader<{ it?: unknown }>('fn', {}, ['it']);
const own = (fallback: string) => new OptionReader<{ name?: string }>('fn', {}, ['name']).stageName(fallback);
const named = (value: unknown) =>
  new OptionReader<{ name?: unknown }>('fn', { name: value }, ['name']).stageName('fallback');
const isNumber = (value: unknown): value is number => typeof value === 'number';

const TYPE = [TypeError, 'ERR_INVALID_ARG_TYPE'] as const;
const VALUE = [TypeError, 'ERR_INVALID_ARG_VALUE'] as const;
const RANGE = [RangeError, 'ERR_OUT_OF_RANGE'] as const;

/** The error that `read` must throw. */
function refusal(read: () => unknown): Error {
  try {
    read();
  } catch (error) {
    return error as Error;
  }
  return expect.fail('nothing is thrown');
}

function expectRefused(read: () => unknown, [kind, code]: readonly [ErrorConstructor, string], rule: string): void {
  const error = refusal(read);
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ code, message: expect.stringContaining(` must be ${rule}. Received `) });
}

describe('OptionReader', () => {
  test.each([
    ['weightt', 'weight'],
    ['wiegh', 'weigh'],
    ['Size', 'size'],
    ['waits', 'wait'],
    ['iz', 'size'],
    ['wigh', 'weigh'],
  ])('refuses "%s" and names "%s", the nearest known option', (key, nearest) => {
    const read = () => new OptionReader('batch', { [key]: 1 }, ['size', 'wait', 'weigh', 'weight'] as never[]);
    expect(refusal(read).message).toBe(
      `batch(): "options" must be made of size, wait, weigh, weight. Received "${key}" (string). Did you mean "${nearest}"?`,
    );
  });

  test.each(['speed', 'w', 'x'.repeat(1_000)])('refuses "%s", which is near to none, without a guess', (key) => {
    const read = () => new OptionReader('batch', { [key]: 1 }, ['size', 'wait'] as never[]);
    const { message } = refusal(read);
    expect(message).toMatch(/^batch\(\): "options" must be made of size, wait[.] Received ".+ \(string\)[.]$/);
  });

  test.each([null, undefined, 5, 'text', [], new Map(), () => {}, Promise.resolve()])(
    'refuses %o in place of options',
    (value) => {
      expectRefused(() => new OptionReader('fn', value as never, []), TYPE, 'an object');
      expect(isOptions(value)).toBe(false);
    },
  );

  test("takes what is the object's own, and reads it once", () => {
    let reads = 0;
    const options = Object.create({ size: 5 }, { wait: { enumerable: true, get: () => ++reads } });
    const reader = new OptionReader<{ size?: number; wait?: number }>('fn', options, ['size', 'wait']);
    expect([reader.get('size'), reader.get('wait'), reader.get('wait')]).toEqual([undefined, 1, 1]);
    expect(isOptions(Object.create(null))).toBe(true);
  });

  test('says which option cannot be read, and why', () => {
    const cause = new Error('getter');
    const options = {
      get it(): never {
        throw cause;
      },
    };
    expectRefused(() => new OptionReader('fn', options, ['it']), TYPE, 'something that can be read');
    expect(refusal(() => new OptionReader('fn', options, ['it']))).toMatchObject({ option: 'it', cause });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expectRefused(() => reading(proxy), TYPE, 'something that can be read');
  });

  test('reads a count', () => {
    expect([without().count('it', 1, 7), reading(undefined).count('it', 1, 7)]).toEqual([7, 7]);
    expect([reading(3).count('it', 3, 7), reading(0).count('it', 0, 7)]).toEqual([3, 0]);
    expect(reading(Infinity).count('it', 1, 7, true)).toBe(Infinity);
    expect(checkCount('fn', 'it', 2 ** 53 - 1, 1)).toBe(2 ** 53 - 1);
    for (const value of [2, 3.5, NaN, Infinity, -Infinity, 2 ** 53])
      expectRefused(() => reading(value).count('it', 3, 7), RANGE, 'an integer of 3 or more');
    expectRefused(() => reading(-0).count('it', 0, 7), RANGE, 'an integer of 0 or more');
    for (const value of [1.5, NaN, -Infinity])
      expectRefused(() => reading(value).count('it', 1, 7, true), RANGE, 'an integer of 1 or more, or Infinity');
    for (const value of ['3', null, 3n, {}])
      expectRefused(() => reading(value).count('it', 1, 7), TYPE, 'an integer of 1 or more');
    expectRefused(() => checkCount('fn', 'it', Infinity, 1), RANGE, 'an integer of 1 or more');
  });

  test('reads one of a few words', () => {
    const rule = `one of 'one', 'two'`;
    expect(without().oneOf('it', ['one', 'two'], 'two')).toBe('two');
    expect(reading('one').oneOf('it', ['one', 'two'], 'two')).toBe('one');
    for (const value of ['One', ''])
      expectRefused(() => reading(value).oneOf('it', ['one', 'two'], 'two'), VALUE, rule);
    for (const value of [1, null]) expectRefused(() => reading(value).oneOf('it', ['one', 'two'], 'two'), TYPE, rule);
  });

  test('reads a function', () => {
    expect([readFunction(without(), 'it'), readFunction(reading(isNumber), 'it')]).toEqual([undefined, isNumber]);
    for (const value of ['fn', null, {}]) expectRefused(() => readFunction(reading(value), 'it'), TYPE, 'a function');
    expect(() => checkFunction('fn', 'it', isNumber)).not.toThrow();
    expectRefused(() => checkFunction('fn', 'it', {}), TYPE, 'a function');
  });

  test('reads a flag', () => {
    expect([without(), reading(false), reading(true)].map((reader) => readFlag(reader, 'it', false))).toEqual([
      false,
      false,
      true,
    ]);
    expect(readFlag(without(), 'it', true)).toBe(true);
    for (const value of ['true', 1, null])
      expectRefused(() => readFlag(reading(value), 'it', false), TYPE, 'true or false');
  });

  test('reads a name', () => {
    const rule = 'a string of 1 to 200 printable characters';
    expect(own('fallback')).toBe('fallback');
    for (const name of ['a', 'résumé 1', 'x'.repeat(200)]) expect(named(name)).toBe(name);
    for (const name of ['', 'x'.repeat(201), 'two\nlines', '\u202eabc', '\u2028', 'a\u0000'])
      expectRefused(() => named(name), VALUE, `${rule}, and none that every object has`);
    for (const name of ['__proto__', 'constructor', 'toString'])
      expectRefused(() => named(name), VALUE, `${rule}, and none that every object has`);
    for (const name of [5, null]) expectRefused(() => named(name), TYPE, rule);
    // A name that was not given is no reason to refuse: the function's own stands in.
    expect([own('__proto__'), own(''), own('fine')]).toEqual(['fn', 'fn', 'fine']);
  });

  test('makes the error for a word that is none, or for what is no word', () => {
    expect(without().wrong('it', 'good', 'bad')).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', option: 'it' });
    expect(without().wrong('it', 'good', 5)).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', received: 5 });
  });
});

describe('isArrayOf', () => {
  test('looks at every place, and takes a hole for undefined', () => {
    expect([isArrayOf([], isNumber), isArrayOf([1, 2], isNumber)]).toEqual([true, true]);
    // oxlint-disable-next-line no-sparse-arrays -- A hole is the point.
    for (const value of [['1'], [1, '2'], [1, , 2], { length: 0 }, '12', null])
      expect(isArrayOf(value, isNumber)).toBe(false);
  });

  test('says no to what cannot be looked at', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(isArrayOf(proxy, isNumber)).toBe(false);
  });
});

test("nameOf gives a name only if it is the function's own, and text", () => {
  const liar = Object.defineProperty(() => {}, 'name', { value: 5 });
  const bare = Object.defineProperty(() => {}, 'name', { value: undefined });
  expect([nameOf(refusal), nameOf(liar), nameOf(bare)]).toEqual(['refusal', '', '']);
});
