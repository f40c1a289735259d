import { describe, expect, test } from 'vitest';
import { bottleneckOf } from '../../src/observe/bottleneck.ts';
import { stageReport } from './stageReport.ts';

/** A stage with its shares of the time, in percent. */
const stage = (name: string, busy: number, heldBack: number, kind: 'source' | 'stage' = 'stage') =>
  stageReport(name, { kind, busy, heldBack, idle: 100 - busy - heldBack, concurrency: 4 });

describe('bottleneckOf', () => {
  test.each([
    ['nothing ran', []],
    ['nothing took any time', [stageReport('a'), stageReport('b')]],
    ['everything waited for its source', [stage('read', 10, 0, 'source'), stage('a', 20, 0), stage('b', 30, 0)]],
    ['what worked most was held back itself', [stage('read', 0, 90, 'source'), stage('a', 45, 55)]],
  ])('is nothing where %s', (_, stages) => {
    expect(bottleneckOf(stages)).toBeUndefined();
  });

  test('is the stage at work below those that are held back', () => {
    const stages = [
      stage('read', 5, 90, 'source'),
      stage('parse', 20, 75),
      stage('store', 95, 0),
      stage('count', 1, 0),
    ];
    expect(bottleneckOf(stages)).toEqual({
      name: 'store',
      why: 'it was at work 95 % of the time and held back 0 %, while "parse" above it was held back 75 %',
    });
  });

  test('is not one that is held back a third of the time by another that works all the time', () => {
    const stages = [stage('read', 5, 90, 'source'), stage('resize', 65, 35), stage('store', 100, 0)];
    expect(bottleneckOf(stages)?.name).toBe('store');
  });

  test('is the first of two that would do', () => {
    const stages = [stage('read', 5, 90, 'source'), stage('first', 80, 15), stage('second', 90, 0)];
    expect(bottleneckOf(stages)?.name).toBe('first');
  });

  test('is not one that is busy above those that are held back', () => {
    const stages = [stage('read', 60, 0, 'source'), stage('parse', 10, 80), stage('store', 70, 0)];
    expect(bottleneckOf(stages)?.name).toBe('store');
  });

  test('is the source where it is at work all the time and nothing holds it back', () => {
    const stages = [stage('read', 96, 1, 'source'), stage('parse', 30, 0)];
    expect(bottleneckOf(stages)).toMatchObject({
      name: 'read',
      why: 'it was at work 96 % of the time and held back 1 %',
    });
  });

  test('is the busiest where nothing was held back', () => {
    const stages = [stage('read', 55, 0, 'source'), stage('a', 60, 0), stage('b', 90, 0), stage('c', 70, 0)];
    expect(bottleneckOf(stages)?.name).toBe('b');
  });

  test.each([
    [49, 20, undefined],
    [50, 20, 'store'],
    [80, 9, 'store'],
  ])('counts from half of the time on: busy %d %% below one held back %d %%', (busy, heldBack, name) => {
    const stages = [stage('read', 5, heldBack, 'source'), stage('store', busy, 0)];
    const found = bottleneckOf(stages);
    expect(found?.name).toBe(name);
    expect(found?.why.includes('above it') ?? false).toBe(name !== undefined && heldBack >= 10);
  });

  test('changes nothing in what it is given', () => {
    const stages = Object.freeze([stage('a', 60, 0), stage('b', 90, 0)]);
    bottleneckOf(stages);
    expect(stages.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});
