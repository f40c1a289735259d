import { describe, expect, test } from 'vitest';
import { readDuration, readPositive } from '../../src/core/readers.ts';
import { OptionReader } from '../../src/core/options.ts';

const reading = (it: unknown) => new OptionReader<{ it?: unknown }>('fn', { it }, ['it']);

describe.each([
  {
    read: readDuration<{ it?: unknown }>,
    rule: 'a number of milliseconds from 0 to 2147483647',
    right: [0, 0.5, 2147483647],
    outside: [-1, NaN, Infinity, 2147483648],
  },
  {
    read: readPositive<{ it?: unknown }>,
    rule: 'a finite number of more than 0',
    right: [Number.MIN_VALUE, 2.5],
    outside: [0, -1, NaN, Infinity],
  },
])('an option that must be $rule', ({ read, rule, right, outside }) => {
  test('is read, and may be left out', () => {
    expect(read(new OptionReader<{ it?: unknown }>('fn', {}, ['it']), 'it')).toBe(undefined);
    for (const value of right) expect(read(reading(value), 'it')).toBe(value);
  });

  test.each(outside)('R-51: is refused outside its range: %s', (value) => {
    const message = `fn(): "it" must be ${rule}. Received ${value} (number)`;
    const error = expect.objectContaining({
      code: 'ERR_OUT_OF_RANGE',
      option: 'it',
      received: value,
      message,
    }) as Error;
    expect(() => read(reading(value), 'it')).toThrow(RangeError);
    expect(() => read(reading(value), 'it')).toThrow(error);
  });

  test.each(['1', null, 3n])('is refused if it is no number: %s', (value) => {
    expect(() => read(reading(value), 'it')).toThrow(TypeError);
    expect(() => read(reading(value), 'it')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error,
    );
  });
});
