import { describe, expect, test } from 'vitest';
import { bottleneckOf } from '../../src/observe/bottleneck.ts';
import type { StageReport } from '../../src/observe/report.ts';
import { stageReport } from './stageReport.ts';

/** A stage with its shares of the time, in percent. */
const stage = (name: string, busy: number, heldBack: number, given: Partial<StageReport> = {}) =>
  stageReport(name, { busy, heldBack, idle: 100 - busy - heldBack, concurrency: 4, ...given });

const source = (name: string, busy: number, heldBack: number) =>
  stage(name, busy, heldBack, { kind: 'source', concurrency: 0 });

/** A stage that runs nothing. */
const still = (name: string, heldBack: number, given: Partial<StageReport> = {}) =>
  stage(name, 0, heldBack, { concurrency: 0, ...given });

/** Counts, and has no times. */
const stretch = (name: string) => stageReport(name, { kind: 'stretch' });

/** Each sends to the next, and the last to `to`. */
const chain = (stages: readonly StageReport[], ...to: string[]): StageReport[] =>
  stages.map((each, i) => ({ ...each, to: i + 1 < stages.length ? [stages[i + 1]!.name] : to }));

const gauge = (name: string) => ({ kind: 'rate limit', name, figures: {} }) as const;

/** As a ledger lists them: sources first, each before what lies below it. */
const listed = (...branches: StageReport[][]): StageReport[] =>
  branches.flat().toSorted((a, b) => Number(b.kind === 'source') - Number(a.kind === 'source'));

/** A rate limit, held back for a share of the time, above a stage that works. */
const limited = (heldBack: number) => chain([source('read', 0, 99), still('limit', heldBack), stage('call', 80, 0)]);

describe('bottleneckOf', () => {
  test.each([
    ['nothing ran', []],
    ['nothing took any time', [stageReport('a'), stageReport('b')]],
    ['everything waited for its source', [source('read', 10, 0), stage('a', 20, 0), stage('b', 30, 0)]],
    ['what worked most was held back itself', [source('read', 0, 90), stage('a', 45, 55)]],
  ])('is nothing where %s', (_, stages) => {
    expect(bottleneckOf(chain(stages))).toBeUndefined();
  });

  test('is the stage at work below those that are held back', () => {
    const stages = chain([source('read', 5, 90), stage('parse', 20, 75), stage('store', 95, 0), stage('count', 1, 0)]);
    expect(bottleneckOf(stages)).toEqual({
      name: 'store',
      why: 'it was at work 95 % of the time and held back 0 %, while "parse" above it was held back 75 %',
    });
  });

  test('is not one that is held back a third of the time by another that works all the time', () => {
    const stages = chain([source('read', 5, 90), stage('resize', 65, 35), stage('store', 100, 0)]);
    expect(bottleneckOf(stages)?.name).toBe('store');
  });

  test('is the first of two that would do', () => {
    const stages = chain([source('read', 5, 90), stage('first', 80, 15), stage('second', 90, 0)]);
    expect(bottleneckOf(stages)?.name).toBe('first');
  });

  test('is not one that is busy above those that are held back', () => {
    const stages = chain([source('read', 60, 0), stage('parse', 10, 80), stage('store', 70, 0)]);
    expect(bottleneckOf(stages)?.name).toBe('store');
  });

  test('is the source where it is at work all the time and nothing holds it back', () => {
    expect(bottleneckOf(chain([source('read', 96, 1), stage('parse', 30, 0)]))).toEqual({
      name: 'read',
      why: 'it was at work 96 % of the time and held back 1 %',
    });
  });

  test('is the busiest where nothing was held back', () => {
    const stages = chain([source('read', 55, 0), stage('a', 60, 0), stage('b', 90, 0), stage('c', 70, 0)]);
    expect(bottleneckOf(stages)?.name).toBe('b');
  });

  test.each([
    [49, 20, undefined],
    [50, 20, 'store'],
    [80, 9, 'store'],
  ])('counts from half of the time on: busy %d %% below one held back %d %%', (busy, heldBack, name) => {
    const found = bottleneckOf(chain([source('read', 5, heldBack), stage('store', busy, 0)]));
    expect(found?.name).toBe(name);
    expect(found?.why.includes('above it') ?? false).toBe(name !== undefined && heldBack >= 10);
  });

  test('changes nothing in what it is given', () => {
    const stages = Object.freeze([stage('a', 60, 0), stage('b', 90, 0)]);
    bottleneckOf(stages);
    expect(stages.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  describe('in a flow with branches', () => {
    test('is not a stage of another branch than the one that is held back', () => {
      const quiet = chain([source('poll', 1, 0), stage('check', 60, 0)], 'count');
      const full = chain([source('read', 1, 95), stage('store', 99, 0)], 'count');
      const found = bottleneckOf([...listed(full, quiet), stage('count', 1, 0)]);
      expect(found).toEqual({
        name: 'store',
        why: 'it was at work 99 % of the time and held back 0 %, while "read" above it was held back 95 %',
      });
      expect(bottleneckOf([...listed(quiet, full), stage('count', 1, 0)])).toEqual(found);
    });

    test('has nothing above it that is held back where only another branch is', () => {
      const slow = chain([source('poll', 1, 0), stage('check', 60, 0)]);
      const other = chain([source('read', 1, 30), stage('store', 45, 0)]);
      expect(bottleneckOf(listed(other, slow))).toEqual({
        name: 'check',
        why: 'it was at work 60 % of the time and held back 0 %',
      });
    });

    test('is in the branch that works most, of those that the same source sends to', () => {
      const branches = [stage('draw', 60, 0), stage('store', 99, 0)];
      for (const [one, other] of [branches, branches.toReversed()]) {
        const stages = [...chain([source('read', 1, 95), still('fanOut', 90)], 'draw', 'store'), one!, other!];
        expect(bottleneckOf(stages)?.name).toBe('store');
      }
    });

    test('is the stage that all branches send to, where that holds them back', () => {
      const branches = [1, 2].map((n) => chain([source(`read ${n}`, 1, 95), stage(`parse ${n}`, 10, 85)], 'store'));
      expect(bottleneckOf([...listed(...branches), stage('store', 98, 0)])?.why).toMatch(/while "parse [12]" above it/);
    });

    test('comes to an end where stages feed each other', () => {
      const ring = [stage('a', 60, 20, { to: ['b'] }), stage('b', 70, 0, { to: ['a'] })];
      expect(bottleneckOf(ring)?.name).toBe('b');
      const full = [stage('a', 60, 15, { to: ['b'] }), stage('b', 70, 15, { to: ['a'] })];
      expect(bottleneckOf(full)?.why).toContain('while "a" above it was held back 15 %');
    });
  });

  describe('where nothing was at work, but something was waited for', () => {
    test('is the rate limit, with what it lets through', () => {
      const stages = chain([
        source('read', 0, 99),
        stretch('parse'),
        still('limit', 0, { rate: 20 }),
        stage('call', 2, 0),
      ]);
      expect(bottleneckOf(stages, { gauges: [gauge('limit')] })).toEqual({
        name: 'limit',
        why: 'its rate limit let 20 items a second through, while "read" above it was held back 99 %',
      });
    });

    test('is the rate limit also above a stage that works on what it lets through', () => {
      const gauges = [gauge('limit')];
      expect(bottleneckOf(limited(0), { gauges })?.name).toBe('limit');
      // Unless that holds the limit back, too.
      expect(bottleneckOf(limited(30), { gauges })?.name).toBe('call');
    });

    test('is a rate limit that gets too much from what cannot be paused', () => {
      const limit = still('limit', 0, { rate: 5, in: 100, overrun: 90 });
      expect(bottleneckOf(chain([limit, stage('call', 2, 0)]), { gauges: [gauge('limit')] })).toEqual({
        name: 'limit',
        why: 'its rate limit let 5 items a second through, while more came than it may hold',
      });
    });

    test('is what holds items without being at work', () => {
      const stages = chain([source('read', 0, 99), stage('parse', 2, 97), still('delay', 0), stage('call', 30, 0)]);
      expect(bottleneckOf(stages)).toEqual({
        name: 'delay',
        why: '"parse" above it was held back 97 % and waited for it, though it does no work itself',
      });
      const first = chain([source('read', 0, 99), stage('in order', 25, 0), stage('count', 1, 0)]);
      expect(bottleneckOf(first)).toEqual({
        name: 'in order',
        why: '"read" above it was held back 99 % and waited for it, though it was at work only 25 % of the time',
      });
    });

    test('says so where the main thread was at work', () => {
      const stages = chain([source('read', 0, 99), stage('a', 3, 0), stage('b', 3, 0)]);
      expect(bottleneckOf(stages, { loop: 0.97 })?.why).toBe(
        '"read" above it was held back 99 % and waited for it, though it was at work only 3 % of the time: the main thread was at ' +
          'work 97 %, in operators between stages or elsewhere in the program',
      );
    });

    test('is nothing above what is held back further down', () => {
      // A broadcast does not note that it waits for those that it sends to.
      const seats = chain([still('seat', 98), still('limit', 0)]);
      const stages = [...chain([source('read', 0, 99), still('broadcast', 0)], 'seat', 'other'), ...seats];
      expect(bottleneckOf([...stages, stage('other', 30, 0)])?.name).toBe('limit');
    });

    test('is, of several branches, the one that can do no more and not the one that has places to spare', () => {
      const stages = chain([source('read', 0, 99), still('fanOut', 95)], 'call', 'delay');
      expect(bottleneckOf([...stages, stage('call', 30, 0), still('delay', 0)])?.name).toBe('delay');
    });
  });
});
