import { describe, expect, test } from 'vitest';
import { edgeRate, sourcesOf } from '../../../../src/observe/inspector/page/graph/edgeRate.ts';
import { face } from '../../../../src/observe/inspector/page/graph/face.ts';
import { depth, directionFor, layoutOf, NODE } from '../../../../src/observe/inspector/page/graph/layout.ts';
import { keyTarget } from '../../../../src/observe/inspector/page/graph/keyTarget.ts';
import { neighbour } from '../../../../src/observe/inspector/page/graph/neighbour.ts';
import { Zoom } from '../../../../src/observe/inspector/page/graph/Zoom.ts';
import type { StageNow } from '../../../../src/observe/inspector/page/flow/stageNow.ts';
import type { GraphStage } from '../../../../src/observe/inspector/protocol.ts';
import { manyStages, photographs } from '../browser/fakeFlows.ts';

const stage = (name: string, ...to: number[]): GraphStage => ({ name, kind: 'stage', to });
const now = (given: Partial<StageNow> = {}): StageNow => ({
  rate: 0,
  arriving: 0,
  held: 0,
  shares: undefined,
  failed: 0,
  dropped: 0,
  deadLettered: 0,
  isFailing: false,
  isDropping: false,
  p50: undefined,
  ...given,
});

describe('layoutOf', () => {
  test.each(['right', 'down'] as const)('puts each stage after those that it takes from (%s)', (direction) => {
    const { stages } = photographs().graph;
    const { nodes, edges } = layoutOf(stages, direction);
    const along = direction === 'right' ? 'x' : 'y';
    const size = direction === 'right' ? NODE.width : NODE.height;
    expect(edges).toHaveLength(stages.flatMap(({ to }) => to).length);
    for (const { from, to } of edges) expect(nodes[to]![along]).toBeGreaterThanOrEqual(nodes[from]![along] + size);
  });

  test.each([photographs().graph, manyStages(300).graph])(
    'overlaps no two stages, and holds all of them ($name)',
    (graph) => {
      const { nodes, width, height } = layoutOf(graph.stages, 'down');
      expect(nodes).toHaveLength(graph.stages.length);
      for (const [i, a] of nodes.entries()) {
        expect(a.x >= 0 && a.y >= 0 && a.x + NODE.width <= width && a.y + NODE.height <= height).toBe(true);
        for (const b of nodes.slice(i + 1))
          expect(Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height).toBe(true);
      }
    },
  );

  test('bears no stage at all, one alone, a link to itself, back, and to nowhere', () => {
    expect(layoutOf([], 'right')).toMatchObject({ nodes: [], edges: [] });
    expect(layoutOf([stage('a', 0, 5)], 'right')).toMatchObject({ nodes: [{ x: 14, y: 14 }], edges: [] });
    expect(layoutOf([stage('a', 1), stage('b', 0)], 'down').edges).toHaveLength(2);
  });

  test('draws paths of nothing but numbers', () => {
    for (const { path } of layoutOf(manyStages(60).graph.stages, 'right').edges)
      expect(path).toMatch(/^M-?[\d.]+ -?[\d.]+([LQ](-?[\d.]+ )*-?[\d.]+)+$/);
  });
});

describe('directionFor', () => {
  test('goes right where there is room for the longest way, else down', () => {
    const { stages } = photographs().graph;
    expect(depth(stages)).toBe(6);
    expect(directionFor(stages, 2000)).toBe('right');
    expect(directionFor(stages, 800)).toBe('down');
    expect(directionFor([stage('alone')], 300)).toBe('right');
  });
});

describe('neighbour', () => {
  const nodes = [
    { x: 0, y: 0 },
    { x: 300, y: 0 },
    { x: 300, y: 120 },
    { x: 600, y: 60 },
  ];

  test.each([
    [0, 'ArrowRight', 1],
    [1, 'ArrowDown', 2],
    [2, 'ArrowUp', 1],
    [2, 'ArrowRight', 3],
    [3, 'ArrowLeft', 1],
    [3, 'ArrowRight', undefined],
    [0, 'ArrowLeft', undefined],
    [0, 'x', undefined],
    [0, 'toString', undefined],
    [9, 'ArrowLeft', undefined],
  ])('from %d, %s leads to %s', (from, key, to) => {
    expect(neighbour(nodes, from, key)).toBe(to);
  });
});

const press = (key: string, held = {}) => ({ key, altKey: false, ctrlKey: false, metaKey: false, ...held });

describe('keyTarget', () => {
  const nodes = [
    { x: 0, y: 0 },
    { x: 300, y: 0 },
    { x: 600, y: 0 },
  ];

  test.each([
    ['ArrowLeft', 0],
    ['ArrowRight', 2],
    ['Home', 0],
    ['End', 2],
    ['ArrowUp', undefined],
    ['toString', undefined],
  ])('%s leads from the middle to %s', (key, to) => {
    expect(keyTarget(nodes, 1, press(key))).toBe(to);
  });

  test.each(['altKey', 'ctrlKey', 'metaKey'])('leaves what is pressed with %s to the browser', (held) => {
    for (const key of ['ArrowLeft', 'ArrowRight', 'Home', 'End'])
      expect(keyTarget(nodes, 1, press(key, { [held]: true }))).toBeUndefined();
  });
});

describe('Zoom', () => {
  test('fits a graph into its room, as long as it can be read, and makes none larger for it', () => {
    const zoom = new Zoom();
    expect([zoom.scale(1000, 800), zoom.scale(1000, 300), zoom.scale(1000, 3000)]).toEqual([0.8, 0.6, 1]);
    expect(zoom.isFitted).toBe(true);
  });

  test('goes on from what is seen, and back to what fits', () => {
    const zoom = new Zoom();
    const scale = () => zoom.scale(2000, 1200);
    expect(scale()).toBe(0.6);
    zoom.change(1 / 1.25);
    expect([scale(), zoom.isFitted]).toEqual([expect.closeTo(0.48), false]);
    zoom.change(1.25);
    expect(scale()).toBeCloseTo(0.6);
    zoom.fit();
    zoom.change(1.25);
    expect(scale()).toBeCloseTo(0.75);
    zoom.fit();
    expect([scale(), zoom.isFitted]).toEqual([0.6, true]);
  });

  test('has bounds', () => {
    const zoom = new Zoom();
    for (let i = 0; i < 20; i++) zoom.change(1.25);
    expect(zoom.scale(1000, 1000)).toBe(2);
    for (let i = 0; i < 40; i++) zoom.change(1 / 1.25);
    expect(zoom.scale(1000, 1000)).toBe(0.25);
  });
});

describe('edgeRate', () => {
  // a and b into c, which gives to d and e; d also takes from a.
  const stages = [stage('a', 2, 3), stage('b', 2), stage('c', 3, 4), stage('d'), stage('e')];
  const figures = [5, 7, 11, 13, 17].map((it) => now({ rate: it, arriving: it * 100 }));

  test('is known where one of its ends has no other edge', () => {
    const rate = (from: number, to: number) => edgeRate({ from, to }, stages, sourcesOf(stages), figures);
    expect(sourcesOf(stages)).toEqual([0, 0, 2, 2, 1]);
    expect([rate(1, 2), rate(2, 4)]).toEqual([7, 1700]);
    expect([rate(0, 2), rate(2, 3), rate(0, 3)]).toEqual([undefined, undefined, undefined]);
  });
});

describe('face', () => {
  const busy = now({
    rate: 812,
    held: 16,
    shares: { busy: 0.946, idle: 0.05, heldBack: 0.004 },
    failed: 3,
    isFailing: true,
  });

  test('shows what a stage does, in words too', () => {
    expect(face(stage('store'), busy, true)).toMatchObject({
      rate: '812/s',
      held: '16',
      shares: [95, 5, 0],
      mainly: 'busy',
      marks: [{ text: '3 failed', isNew: true }],
      spoken: 'store, stage, the bottleneck, 812 a second, 16 held, 95 % busy, 5 % idle, 0 % held back, 3 failed',
    });
    expect(face({ ...stage('read'), kind: 'source' }, now(), false)).toMatchObject({
      held: undefined,
      mainly: 'unknown',
    });
  });

  test('has the same key for as long as it shows the same, and another as soon as it does not', () => {
    const { key } = face(stage('store'), busy, false);
    expect(face(stage('store'), { ...busy, rate: 812.3 }, false).key).toBe(key);
    expect(face(stage('store'), { ...busy, rate: 813 }, false).key).not.toBe(key);
    expect(face(stage('store'), { ...busy, isFailing: false }, false).key).not.toBe(key);
    expect(face(stage('store'), busy, true).key).not.toBe(key);
  });
});
