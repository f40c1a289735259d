import { describe, expect, test } from 'vitest';
import { isSameGraph } from '../../../src/observe/inspector/isSameGraph.ts';
import { toGraph } from '../../../src/observe/inspector/toGraph.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { stageReport } from '../stageReport.ts';

const stages = [
  stageReport('read', { kind: 'source', to: ['left', 'right', 'gone'], total: 10 }),
  stageReport('left', { to: ['store'], pool: 'threads' }),
  stageReport('right', { kind: 'stretch', to: ['store'] }),
  stageReport('store'),
];

describe('toGraph', () => {
  test('links stages by their places, and leaves out links to what is not there', () => {
    expect(toGraph(2, 1000, new FakeView('import', { stages }).stats())).toEqual({
      flow: 2,
      name: 'import',
      started: 1000,
      stages: [
        { name: 'read', kind: 'source', to: [1, 2], total: 10 },
        { name: 'left', kind: 'stage', to: [3], pool: 'threads' },
        { name: 'right', kind: 'stretch', to: [3] },
        { name: 'store', kind: 'stage', to: [] },
      ],
    });
  });
});

describe('isSameGraph', () => {
  const [read, left, right, store] = stages as [
    (typeof stages)[0],
    (typeof stages)[0],
    (typeof stages)[0],
    (typeof stages)[0],
  ];
  test('does not look at counters', () => {
    expect(
      isSameGraph(
        stages,
        stages.map((stage) => ({ ...stage, to: [...stage.to], in: 5, busy: 7, note: 'x' })),
      ),
    ).toBe(true);
  });

  test.each([
    ['one more', [...stages, stageReport('more')]],
    ['one fewer', [read, left, right]],
    ['another order', [read, right, left, store]],
    ['another name', [read, left, right, { ...store, name: 'keep' }]],
    ['another kind', [read, left, right, { ...store, kind: 'stretch' as const }]],
    ['a pool', [read, left, right, { ...store, pool: 'threads' }]],
    ['a total', [{ ...read, total: 11 }, left, right, store]],
    ['a link more', [read, left, right, { ...store, to: ['read'] }]],
    ['another link', [read, { ...left, to: ['right'] }, right, store]],
    ['a link less', [read, { ...left, to: [] }, right, store]],
  ])('sees %s', (_, changed) => {
    expect(isSameGraph(stages, changed)).toBe(false);
  });
});
