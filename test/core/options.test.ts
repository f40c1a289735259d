import { describe, expect, test } from 'vitest';
import { OptionReader } from '../../src/core/options.ts';

describe('OptionReader', () => {
  test.each([
    ['weightt', 'weight'],
    ['wiegh', 'weigh'],
    ['Size', 'size'],
    ['waits', 'wait'],
  ])('refuses "%s" and names "%s", the nearest known option', (key, nearest) => {
    const read = () => new OptionReader('batch', { [key]: 1 }, ['size', 'wait', 'weigh', 'weight'] as never[]);
    expect(read).toThrow(`Did you mean "${nearest}"?`);
  });
});
