import { describe, expect, test } from 'vitest';
import {
  bytes,
  duration,
  lasted,
  percent,
  rate,
  short,
  whole,
} from '../../../../src/observe/inspector/page/figures/figures.ts';

describe('figures', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('whole: %d is %s', (value, text) => expect(whole(value)).toBe(text));

  test.each([
    [0, '0'],
    [0.25, '0.25'],
    [1.5, '1.5'],
    [7, '7'],
    [42.4, '42'],
    [9999, '9,999'],
    [10_000, '10.0k'],
    [12_345, '12.3k'],
    [999_499, '999k'],
    [1_234_567, '1.23M'],
    [2_500_000_000, '2.50G'],
    [-3, '−3'],
  ])('short: %d is %s', (value, text) => expect(short(value)).toBe(text));

  test.each([
    [0, '0/s'],
    [0.4, '0.4/s'],
    [123.4, '123/s'],
    [48_100, '48.1k/s'],
  ])('rate: %d is %s', (value, text) => expect(rate(value)).toBe(text));

  test.each([
    [0, '0%'],
    [0.001, '<1%'],
    [0.456, '46%'],
    [1, '100%'],
  ])('percent: %d is %s', (value, text) => expect(percent(value)).toBe(text));

  test.each([
    [undefined, '–'],
    [0, '0 ms'],
    [0.0042, '4.2 µs'],
    [0.999, '999 µs'],
    [1, '1 ms'],
    [12.34, '12.3 ms'],
    [250, '250 ms'],
    [1234, '1.23 s'],
    [61_000, '61.0 s'],
  ])('duration: %d is %s', (value, text) => expect(duration(value)).toBe(text));

  test.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
  ])('lasted: %d is %s', (value, text) => expect(lasted(value)).toBe(text));

  test.each([
    [512, '512 B'],
    [1536, '1.5 KiB'],
    [182 * 2 ** 20, '182 MiB'],
    [3 * 2 ** 30, '3 GiB'],
  ])('bytes: %d is %s', (value, text) => expect(bytes(value)).toBe(text));
});
