import { describe, expect, test } from 'vitest';
import { duration } from '../../src/observe/duration.ts';

describe('duration', () => {
  test.each([
    [0.001, '1.0 µs'],
    [0.0004, '0.40 µs'],
    [0.00949, '9.5 µs'],
    [0.00994, '9.9 µs'],
    [0.00995, '10 µs'],
    [0.012, '12 µs'],
    [0.9994, '999 µs'],
    [0.9995, '1.00 ms'],
    [1, '1.00 ms'],
    [12.34, '12.3 ms'],
    [99.95, '100 ms'],
    [123.4, '123 ms'],
    [999.4, '999 ms'],
    [999.5, '1.00 s'],
    [1230, '1.23 s'],
    [9994, '9.99 s'],
    [9995, '10.0 s'],
    [12_340, '12.3 s'],
    [3_600_000, '3600.0 s'],
  ])('%d ms reads %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test('never shows more than three digits before an hour is near, nor an exponent', () => {
    for (let ms = 0.0001; ms < 900_000; ms *= 1.01) {
      const text = duration(ms);
      expect(text).toMatch(/^[\d.]+ (s|ms|µs)$/);
      expect(text.replace(/\D/g, '').replace(/^0+/, '').length, text).toBeLessThanOrEqual(4);
    }
  });
});
