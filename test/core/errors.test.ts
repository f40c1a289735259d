import { inspect as print } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  DeadLetterError,
  OverflowError,
  inspect,
  outOfRange,
  reasonOf,
  wrongType,
  wrongValue,
} from '../../src/core/errors.ts';

class Parcel {
  readonly weight = 1;
}
const nameless = (() => () => {})();
const liar = Object.defineProperty(() => {}, 'name', { value: 5 });
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const guarded = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new Error('looked');
    },
  },
);

describe('an error about an argument', () => {
  test.each([
    ['"text"', 'string', 'text'],
    [String.raw`"two\nlines"`, 'string', 'two\nlines'],
    ['5', 'number', 5],
    ['NaN', 'number', NaN],
    ['0', 'number', 0],
    ['-0', 'number', -0],
    ['5n', 'bigint', 5n],
    ['true', 'boolean', true],
    ['undefined', 'undefined', undefined],
    ['null', 'null', null],
    ['Symbol(s)', 'symbol', Symbol('s')],
    ['[array of 2]', 'Array', [1, 2]],
    ['[Object]', 'Object', {}],
    ['[Parcel]', 'Parcel', new Parcel()],
    ['[Map]', 'Map', new Map()],
    ['[function Parcel]', 'function', Parcel],
    ['[function anonymous]', 'function', nameless],
    ['[function anonymous]', 'function', liar],
    ['[object]', 'object', Object.create(null)],
    ['[object]', 'object', Object.create({ constructor: 'none' })],
    ['[object]', 'object', Object.create({ constructor: nameless })],
    ['[object]', 'object', guarded],
    ['[revoked proxy]', 'object', revoked],
  ])('says %s of what it received, and the type %s', (shown, type, value) => {
    const { message } = wrongType('fn', 'option', 'good', value);
    expect(message).toBe(`fn(): "option" must be good. Received ${shown} (${type})`);
  });

  test('X26: shows 80 characters at most, however long the value is', () => {
    expect(inspect('a'.repeat(78))).toBe(`"${'a'.repeat(78)}"`);
    for (const length of [79, 80, 81, 1_000_000]) {
      const shown = inspect('a'.repeat(length));
      expect([shown.length, shown]).toEqual([80, `"${'a'.repeat(76)}...`]);
    }
    expect(inspect(10n ** 100n)).toBe(`1${'0'.repeat(76)}...`);
    const long = Object.defineProperty(() => {}, 'name', { value: 'n'.repeat(1_000) });
    expect(inspect(long)).toBe(`[function ${'n'.repeat(60)}]`);
  });

  test.each([
    ['wrongType', wrongType, TypeError, 'ERR_INVALID_ARG_TYPE'],
    ['wrongValue', wrongValue, TypeError, 'ERR_INVALID_ARG_VALUE'],
    ['outOfRange', outOfRange, RangeError, 'ERR_OUT_OF_RANGE'],
  ] as const)('made by %s has a class and a code, and carries the option and the value', (_, make, kind, code) => {
    const value = { a: 1 };
    const error = make('fn', 'size', 'good', value);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code, option: 'size', received: value });
    expect(error.received).toBe(value);
  });
});

describe('an error of a running stage', () => {
  test('that overflowed says how much it holds, and what to do', () => {
    const error = new OverflowError('resize', 5, 3, 'Slow down.');
    expect(error.message).toBe('Stage "resize" holds 5 items and may hold 3. Slow down.');
    expect(error).toMatchObject({ name: 'OverflowError', code: 'ERR_OVERFLOW', stage: 'resize', held: 5, bound: 3 });
  });

  test('of which the dead letter failed carries the item, and both failures', () => {
    const [itemError, cause] = [new Error('item'), new Error('letter')];
    const error = new DeadLetterError('resize', 7, itemError, cause);
    expect(error.message).toBe(
      `The dead letter of stage "resize" failed, so the flow stopped. Make the dead letter itself safe, or use onError: 'skip'`,
    );
    expect(error).toMatchObject({ name: 'DeadLetterError', code: 'ERR_DEAD_LETTER', stage: 'resize', item: 7 });
    expect([error.itemError, error.cause]).toEqual([itemError, cause]);
  });

  test('of which the dead letter failed does not show the item where it is printed: it may have a secret in it', () => {
    const error = new DeadLetterError('login', { password: 'hunter2' }, new Error('item'), new Error('letter'));
    expect(error.item).toEqual({ password: 'hunter2' });
    expect([print(error), JSON.stringify(error)].join('\n')).not.toContain('hunter2');
  });
});

describe('reasonOf', () => {
  test.each([
    [new TypeError('bad'), 'bad'],
    ['a string', 'a string'],
    [{ message: 'like an error' }, 'like an error'],
    [undefined, 'undefined'],
    [null, 'null'],
    [-0, '-0'],
    [Object.create(null), '[object]'],
    [{ message: 5 }, '[Object]'],
    [Object.defineProperty({}, 'message', { get: () => expect.unreachable() }), '[Object]'],
  ])('%#: gives the message, or the value', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
