import { describe, expect, it } from 'vitest';
import { KnownTotals } from '../../../src/observe/progress/KnownTotals.ts';
import type { StageReport } from '../../../src/observe/report.ts';
import { stage } from './FakeFlow.ts';

const source = (given: Partial<StageReport>): StageReport => stage('source', { kind: 'source', to: ['a'], ...given });
const of = (...stages: StageReport[]): Record<string, number> => Object.fromEntries(new KnownTotals().of(stages));

describe('the total of a stage', () => {
  it('is that of the source, through everything that gives one for one, what is held not counted', () => {
    expect(
      of(
        source({ total: 100, out: 30 }),
        stage('a', { to: ['b'], in: 30, out: 20, held: 10 }),
        stage('b', { kind: 'stretch', to: ['c'], in: 20, out: 20 }),
        stage('c', { in: 20 }),
      ),
    ).toEqual({ source: 100, a: 100, b: 100, c: 100 });
  });

  it('is the sum of the sources above it', () => {
    const other = stage('other', { kind: 'source', to: ['a'], total: 11, out: 1 });
    expect(of(source({ total: 100, out: 30 }), other, stage('a', { in: 31 }))).toEqual({
      source: 100,
      other: 11,
      a: 111,
    });
  });

  it.each([
    ['the source knows none', [source({ out: 30 }), stage('a', { in: 30 })], {}],
    [
      'one of the sources knows none',
      [source({ total: 9 }), stage('x', { kind: 'source', to: ['a'] }), stage('a')],
      { source: 9 },
    ],
    ['the source has given more', [source({ total: 9, out: 10 }), stage('a', { in: 10 })], {}],
    ['it is no number', [source({ total: Number.NaN }), stage('a')], {}],
    ['it is negative', [source({ total: -1 }), stage('a')], {}],
    ['it is infinite', [source({ total: Infinity }), stage('a')], {}],
    ['something leaves out what the source gave', [source({ total: 9, out: 5 }), stage('a', { in: 4 })], { source: 9 }],
    ['something adds to it', [source({ total: 9, out: 5 }), stage('a', { in: 6 })], { source: 9 }],
    ['the source gives to two', [source({ total: 9, to: ['a', 'b'] }), stage('a'), stage('b')], { source: 9 }],
    [
      'the stage above gives more than it gets',
      [source({ total: 9, out: 5 }), stage('a', { to: ['b'], in: 5, out: 10 }), stage('b', { in: 10 })],
      { source: 9, a: 9 },
    ],
    [
      'the stage above skips what fails',
      [source({ total: 9, out: 5 }), stage('a', { to: ['b'], in: 5, out: 4, failed: 1 }), stage('b', { in: 4 })],
      { source: 9, a: 9 },
    ],
    ['nothing is known to be above it', [source({ total: 9, to: [] }), stage('a')], { source: 9 }],
  ] as const)('is unknown where %s', (_, stages, totals) => {
    expect(of(...stages)).toEqual(totals);
  });

  it('is not shown again once it was wrong', () => {
    const totals = new KnownTotals();
    const at = (out: number, arrived: number) => totals.of([source({ total: 9, out }), stage('a', { in: arrived })]);
    expect(at(2, 2).get('a')).toBe(9);
    expect(at(3, 2).get('a')).toBeUndefined();
    expect(at(3, 3).get('a')).toBeUndefined();
  });
});
