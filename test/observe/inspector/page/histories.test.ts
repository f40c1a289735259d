import { describe, expect, test } from 'vitest';
import { Durations, quantile, upTo } from '../../../../src/observe/inspector/page/flow/Durations.ts';
import { Recent } from '../../../../src/observe/inspector/page/flow/Recent.ts';
import { Series } from '../../../../src/observe/inspector/page/flow/Series.ts';
import { sparkline } from '../../../../src/observe/inspector/page/charts/sparkline.ts';

describe('Recent', () => {
  test('tells how much a counter grew in the last seconds, and no more than that', () => {
    const recent = new Recent(3000);
    for (let s = 0; s <= 100; s++) recent.push(s * 1000, [[s * s]]);
    expect(recent.time).toBe(3000);
    expect(recent.grown(0, 'in')).toBe(100 ** 2 - 97 ** 2);
  });

  test('is nothing at first, and nothing for a stage that is not there', () => {
    const recent = new Recent();
    expect([recent.time, recent.grown(0, 'in')]).toEqual([0, 0]);
    recent.push(0, [[1]]);
    recent.push(100, [[5]]);
    expect([recent.grown(0, 'in'), recent.grown(7, 'in'), recent.grown(0, 'waited')]).toEqual([4, 0, 0]);
  });

  test('begins anew where time goes back or the stages are others', () => {
    const recent = new Recent();
    recent.push(5000, [[1]]);
    recent.push(6000, [[2], [3]]);
    expect(recent.size).toBe(1);
    recent.push(10, [[0], [0]]);
    expect(recent.size).toBe(1);
  });

  test('keeps a bounded number of moments, however often they come', () => {
    const recent = new Recent(3000);
    for (let i = 0; i < 10_000; i++) recent.push(i, [[i]]);
    expect(recent.size).toBeLessThanOrEqual(64);
    expect(recent.grown(0, 'in')).toBe(recent.time);
  });

  test('goes on where stages have other places, and one that is new has counted from nothing', () => {
    const recent = new Recent();
    recent.push(0, [[1], [10]]);
    recent.push(100, [[2], [30]]);
    recent.rearrange([undefined, 1]);
    recent.push(200, [[5], [60]]);
    expect([recent.time, recent.grown(0, 'in'), recent.grown(1, 'in')]).toEqual([200, 5, 50]);
  });
});

describe('Series', () => {
  test('keeps the newest figures in their order', () => {
    const series = new Series(2, 3);
    for (let i = 1; i <= 5; i++) series.push(i * 1000, i, i * 10);
    expect(series.columns(1, 0)).toEqual([
      [3, 4, 5],
      [30, 40, 50],
      [3, 4, 5],
    ]);
    expect([series.length, series.last]).toEqual([3, 5000]);
  });

  test('leaves a gap where nothing came for a while, and where a figure is not known', () => {
    const series = new Series(1);
    series.push(1000, 1);
    series.push(2000, Number.NaN);
    series.push(9000, 2);
    expect(series.columns(0)).toEqual([
      [1, 2, 2.001, 9],
      [1, null, null, 2],
    ]);
  });
});

describe('Durations', () => {
  test('holds what each second added, and the newest of them', () => {
    const durations = new Durations(2);
    durations.push(0, [1, 0]);
    expect(durations.columns).toEqual([]);
    durations.push(1, [3, 0]);
    durations.push(2, [3, 4, 1]);
    durations.push(3, [3, 5, 1]);
    expect(durations.columns).toEqual([
      { at: 2, counts: [0, 4, 1] },
      { at: 3, counts: [0, 1, 0] },
    ]);
    expect(durations.total).toEqual([3, 5, 1]);
  });

  test('has a gap where nobody asked for a while, and not all that was done meanwhile as if in a second', () => {
    const durations = new Durations();
    durations.push(0, [0]);
    durations.push(1000, [5]);
    durations.push(601_000, [3005]);
    durations.push(602_000, [3010]);
    expect(durations.columns).toEqual([
      { at: 1000, counts: [5] },
      { at: 601_000, counts: [] },
      { at: 602_000, counts: [5] },
    ]);
    expect(quantile([], 0.5)).toBeUndefined();
  });

  test('knows within what time a share of the items was done', () => {
    expect(quantile([0, 0], 0.5)).toBeUndefined();
    const counts = [50, 0, 49, 0, 1];
    expect([0.5, 0.51, 0.99, 1].map((share) => quantile(counts, share))).toEqual([upTo(0), upTo(2), upTo(2), upTo(4)]);
    expect(upTo(40)).toBeCloseTo(1.024);
  });
});

describe('sparkline', () => {
  test('ends at the right, and has a gap where nothing is known', () => {
    expect(sparkline([0, 1, null, 0.5], 30, 12, 4)).toBe('M0.0 11.0L10.0 1.0M30.0 6.0');
    expect(sparkline([1], 30, 12, 4)).toBe('M30.0 1.0');
    expect(sparkline([], 30, 12, 4)).toBe('');
  });
});
