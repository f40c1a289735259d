import { describe, expect, test } from 'vitest';
import { Diagnoses } from '../../src/observe/Diagnoses.ts';
import { source, stage, synthetic } from './fixtures/syntheticFlows.ts';

/** A flow that a slow stage limits, in which nine items a second come in, or one in ten seconds. */
const limited = (elapsed: number, isSlow = false) => {
  const items = isSlow ? elapsed / 10_000 : (elapsed / 1000) * 9;
  return synthetic(elapsed, [
    source('read', { items, held: 0.9 }),
    stage('store', { items, each: isSlow ? 9000 : 100 }),
  ]);
};

describe('Diagnoses', () => {
  test('look at a flow that runs twice a second, however often they are asked for', () => {
    const diagnoses = new Diagnoses(4);
    const given = [1000, 1100, 1499, 1500, 1999, 2000].map((elapsed) => diagnoses.lately(limited(elapsed)));
    expect(given.map((it) => given.indexOf(it))).toEqual([0, 0, 0, 3, 3, 5]);
  });

  test('have advice also where hardly anything comes in the last seconds, as long as the whole says the same', () => {
    const diagnoses = new Diagnoses(4);
    diagnoses.lately(limited(1_000_000, true));
    const { bottleneck, advice } = diagnoses.lately(limited(1_007_000, true));
    expect(bottleneck?.name).toBe('store');
    expect(advice).toEqual(diagnoses.whole(limited(1_007_000, true)).advice);
    expect(advice).toEqual([expect.stringMatching(/^"store" /)]);
    // What helped against another bottleneck is no help against this one.
    const other = limited(1_014_000, true);
    const [read, store] = other.stages;
    const stages = [
      { ...read!, busy: read!.busy + 7000, heldBack: read!.heldBack - 7000 },
      { ...store!, busy: 906_300, idle: 107_700 },
    ];
    expect(diagnoses.lately({ ...other, stages })).toMatchObject({ bottleneck: { name: 'read' }, advice: [] });
  });
});
