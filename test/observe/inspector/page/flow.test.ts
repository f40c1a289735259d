import { describe, expect, test } from 'vitest';
import { conservation } from '../../../../src/observe/inspector/page/flow/conservation.ts';
import { FlowModel, STAGE } from '../../../../src/observe/inspector/page/flow/FlowModel.ts';
import { lane } from '../../../../src/observe/inspector/page/flow/lane.ts';
import { mainly, percents, stageNow } from '../../../../src/observe/inspector/page/flow/stageNow.ts';
import { usual } from '../../../../src/observe/inspector/page/flow/usual.ts';
import { verdict } from '../../../../src/observe/inspector/page/flow/verdict.ts';
import { connection } from '../../../../src/observe/inspector/page/parts/connection.ts';
import { Board } from '../../../../src/observe/inspector/page/Board.ts';
import type { Tick } from '../../../../src/observe/inspector/protocol.ts';
import type { ThreadReport } from '../../../../src/observe/report.ts';
import { FakeFlow, type FakeStage } from '../browser/FakeFlow.ts';
import { photographs } from '../browser/fakeFlows.ts';

const STORE = 5;

/** A flow of which as many ticks were heard, ten a second. */
function heard(ticks: number, flow: FakeFlow = photographs()): FlowModel {
  const model = new FlowModel(flow.graph);
  for (let i = 0; i <= ticks; i++) {
    model.take(flow.tick, 1_000_000 + i * 100);
    flow.advance(100);
  }
  return model;
}

describe('stageNow', () => {
  test('is made of differences, so that it is what a stage does now', () => {
    const flow = photographs();
    const model = heard(100, flow);
    expect(stageNow(model, STORE)).toMatchObject({ rate: expect.closeTo(812, -1), held: 16 });
    expect(stageNow(model, STORE).shares!.busy).toBeCloseTo(0.945);
    // It stops at once, although it has worked for ten seconds.
    flow.stages = flow.stages.map((it) => ({ ...it, perSecond: { idle: 1000 } }));
    for (let i = 0; i < 40; i++) {
      flow.advance(100);
      model.take(flow.tick, 1_011_000 + i * 100);
    }
    expect(stageNow(model, STORE)).toMatchObject({ rate: 0, shares: { busy: 0, idle: 1, heldBack: 0 } });
  });

  test('is on the whole once the flow has ended', () => {
    const flow = photographs();
    const model = heard(20, flow);
    flow.state = 'completed';
    model.take(flow.tick, 1_003_000);
    expect(stageNow(model, STORE).rate).toBeCloseTo(812, -1);
    expect(stageNow(model, 1)).toMatchObject({ failed: 11, isFailing: false });
  });

  test('knows nothing at first', () => {
    const model = new FlowModel(photographs().graph);
    expect(stageNow(model, STORE)).toMatchObject({ rate: 0, held: 0, shares: undefined });
  });

  test.each([
    [{ busy: 1 / 3, idle: 1 / 3, heldBack: 1 / 3 }, [34, 33, 33]],
    [{ busy: 0.005, idle: 0.99, heldBack: 0.005 }, [1, 99, 0]],
    [{ busy: 0, idle: 0, heldBack: 1 }, [0, 0, 100]],
  ])('percents of %j make up 100', (shares, whole) => {
    expect(percents(shares)).toEqual(whole);
  });

  test.each([
    [undefined, 'unknown'],
    [{ busy: 0.5, idle: 0.3, heldBack: 0.2 }, 'busy'],
    [{ busy: 0.2, idle: 0.5, heldBack: 0.3 }, 'idle'],
    [{ busy: 0.3, idle: 0.2, heldBack: 0.5 }, 'held back'],
  ] as const)('%j is mainly %s', (shares, word) => {
    expect(mainly(shares)).toBe(word);
  });
});

describe('FlowModel', () => {
  test('samples every second, each sample the difference to the one before', () => {
    const [times, out, busy] = heard(100).stage('store')!.columns(STAGE.rate, STAGE.busy);
    expect(times).toHaveLength(10);
    expect(times[1]! - times[0]!).toBeCloseTo(1);
    expect(out!.every((it) => Math.abs(it! - 812) < 2)).toBe(true);
    expect(busy![5]).toBeCloseTo(0.945);
  });

  test('keeps the history of stages that stay when the graph changes, and forgets the others', () => {
    const model = heard(30);
    const before = model.stage('store')!.length;
    const stages = photographs().stages.filter(({ name }) => name !== 'count');
    const durations = ['store', 'count'].map((name) => model.durations(name));
    const arriving = stageNow(model, 1).arriving;
    model.graph = { ...model.graph, stages: new FakeFlow(1, 'x', stages).graph.stages.toReversed() };
    expect(model.stage('store')!.length).toBe(before);
    expect(model.stage('count')).toBeUndefined();
    expect(['store', 'count'].map((name) => model.durations(name) === durations[name === 'store' ? 0 : 1])).toEqual([
      true,
      false,
    ]);
    // Turned round, without the last: what was at 1 is at 4.
    expect([stageNow(model, 4).arriving, arriving > 0]).toEqual([arriving, true]);
  });

  test('has charts also of a flow whose graph changes more often than samples are taken', () => {
    const rows = Array.from({ length: 20 }, (_, i): FakeStage => ({ name: `rows ${i}`, kind: 'source' }));
    const flow = new FakeFlow(1, 'x', [
      ...rows,
      { name: 'store', perSecond: { out: 100, completed: 100, idle: 1000 } },
    ]);
    // A source more every half a second, above all others.
    const graph = (from: number) => ({ ...flow.graph, stages: flow.graph.stages.slice(from) });
    const model = new FlowModel(graph(20));
    for (let i = 0; i < 100; i++) {
      const from = 20 - Math.floor(i / 5);
      if (i % 5 === 0) model.graph = graph(from);
      model.take({ ...flow.tick, stages: flow.tick.stages.slice(from) }, 1_000_000 + i * 100);
      flow.advance(100);
    }
    const [times, out] = model.stage('store')!.columns(STAGE.rate);
    expect(times).toHaveLength(9);
    expect(out!.every((it) => Math.abs(it! - 100) < 2)).toBe(true);
    expect(stageNow(model, 19)).toMatchObject({ rate: expect.closeTo(100, -1), shares: { idle: 1 } });
  });
});

describe('conservation', () => {
  test('adds up what became of the items', () => {
    const row = heard(10).tick!.stages[STORE]!;
    expect(conservation(row)).toMatchObject({ holds: true, sum: row[0] });
    expect(conservation([row[0]! + 1, ...row.slice(1)])).toMatchObject({ holds: false, arrived: row[0]! + 1 });
    expect(conservation(undefined)).toMatchObject({ arrived: 0, sum: 0, holds: true });
  });
});

describe('verdict', () => {
  const { graph, tick } = photographs();

  test('names the bottleneck, and says why', () => {
    expect(verdict(graph, tick)).toEqual({
      mood: 'bottleneck',
      ended: undefined,
      stage: STORE,
      text: 'is the bottleneck: the flow goes as fast as this stage.',
      why: 'It was at work 95 % of the time and held back 1 %, while "resize" above it was held back 46 %.',
    });
  });

  test('says so where there is none', () => {
    const { bottleneck: _, ...calm } = tick;
    expect(verdict(graph, calm)).toMatchObject({ mood: 'calm', stage: undefined, text: 'No stage is the bottleneck.' });
    expect(verdict(graph, { ...tick, bottleneck: { stage: 99, why: '' } }).stage).toBeUndefined();
    expect(verdict(graph, undefined).text).toMatch(/^Nothing is known/);
  });

  test('says what the flow waits for then, and no more than is known', () => {
    const { bottleneck: _, ...calm } = tick;
    expect(verdict(graph, calm).why).toBe('None was at work most of the time.');
    const noBottleneck = 'none was at work most of the time, so the flow waited for what came in';
    expect(verdict(graph, { ...calm, noBottleneck })).toMatchObject({
      text: 'No stage is the bottleneck.',
      why: 'None was at work most of the time, so the flow waited for what came in.',
    });
    expect(verdict(graph, { ...calm, noBottleneck, state: 'completed' })).toMatchObject({
      text: 'No stage was the bottleneck.',
      why: 'None was at work most of the time, so the flow waited for what came in.',
    });
  });

  test.each([
    ['completed', 'bottleneck', /^Completed after 0 s with 1 result\.$/],
    ['quit', 'bottleneck', /^Ended after 0 s as it was told to/],
    ['aborted', 'bad', /^Aborted after 0 s, 1 result, 3 items abandoned: why$/],
    ['failed', 'bad', /^Failed after 0 s, 1 result, 3 items abandoned: why$/],
    ['quitting', 'bottleneck', undefined],
  ] as const)('says what became of a flow that is %s', (state, mood, ended) => {
    const found = verdict(graph, { ...tick, state, results: 1, abandoned: 3, reason: 'why' });
    expect(found.mood).toBe(mood);
    if (ended === undefined) expect(found.ended).toBeUndefined();
    else expect(found.ended).toMatch(ended);
  });
});

describe('lane', () => {
  const thread: ThreadReport = {
    pool: 'p',
    thread: 0,
    state: 'working',
    busy: 0,
    time: 0,
    items: 0,
    restarts: 0,
    external: 0,
  };

  test.each([
    [{ state: 'idle' }, undefined, 'idle', 'waits for work'],
    [{}, undefined, 'working', 'works'],
    [{ stage: 'a', item: 1234, since: 3 }, undefined, 'working', 'works on a, item 1,234'],
    [{ stage: 'a', item: 1, since: 2500 }, undefined, 'working', 'works for 2 s on a, item 1'],
    [{ stage: 'a', since: 5000 }, undefined, 'stuck', 'stuck for 5 s on a'],
    [{ stage: 'a', since: 5000 }, 4000, 'working', 'works for 5 s on a'],
    [{ stage: 'a', since: 12_000 }, 4000, 'stuck', 'stuck for 12 s on a'],
  ] as const)('%j with items that take %s is %s', (given, most, state, text) => {
    expect(lane({ ...thread, ...given }, most)).toEqual({ state, text });
  });
});

/** A thread that has worked on one item for six seconds. */
const on = (stage?: string): ThreadReport => {
  const figures = { busy: 0, time: 0, items: 0, restarts: 0, external: 0 };
  return {
    pool: 'p',
    thread: 0,
    state: 'working',
    since: 6000,
    ...(stage === undefined ? {} : { stage }),
    ...figures,
  };
};

describe('usual', () => {
  const [one, other] = [
    { perSecond: {}, fixed: { p99: 20 } },
    { perSecond: {}, fixed: { p99: 11_000 } },
  ];
  const flow = new FakeFlow(1, 'x', [
    { name: 'parallel', pool: 'p', ...one },
    { name: 'parallel 2', pool: 'p', ...other },
    { name: 'parallel 3', pool: 'p' },
    { name: 'parallel 4', pool: 'q', fixed: { p99: 60_000 } },
    { name: 'parallels', pool: 'p', fixed: { p99: 60_000 } },
    { name: 'resize', pool: 'p', fixed: { p99: 30 } },
    { name: 'new', pool: 'p' },
  ]);
  test.each([
    ['resize', 30],
    ['parallel', 11_000],
    ['new', undefined],
    ['gone', undefined],
    [undefined, undefined],
  ])('of a thread on %s is %s ms', (stage, ms) => {
    expect(usual(on(stage), flow.graph, flow.tick)).toBe(ms);
  });

  test('is not known before the first tick', () => {
    expect(usual(on('resize'), flow.graph, undefined)).toBeUndefined();
  });

  test('keeps a thread from being called stuck for what takes long in another stage of its name', () => {
    expect(lane(on('parallel'), usual(on('parallel'), flow.graph, flow.tick)).state).toBe('working');
    expect(lane(on('resize'), usual(on('resize'), flow.graph, flow.tick)).state).toBe('stuck');
  });
});

const says = (phase: 'connecting' | 'live' | 'polling' | 'lost' | 'ended', heardAgo?: number) =>
  connection({ phase, since: 1000, tries: 3 }, heardAgo, 9000, 'here:1');

describe('connection', () => {
  test('has nothing to say while all is well', () => {
    expect(says('live', 100)).toEqual({ word: 'live', tone: 'good' });
    expect(says('polling', 900)).toEqual({ word: 'live, once a second', tone: 'good' });
  });

  test('says what is wrong, since when, and what is done about it', () => {
    expect(says('connecting').sentence).toMatch(/^Connecting to here:1 since \d\d:\d\d:01\. Try 3\.$/);
    expect(says('lost', 8000).sentence).toMatch(
      /here:1 was lost 8 s ago.*Trying again\. Try 3\. What you see is the last picture\.$/,
    );
    expect(says('ended', 10).sentence).toMatch(/^The program's last flow ended at/);
    expect(says('live', 4200)).toMatchObject({
      tone: 'bad',
      sentence: expect.stringMatching(/^Nothing has come for 4 s/),
    });
  });
});

const tick = (...flows: FakeFlow[]): Tick => ({
  at: 1_000_000,
  process: { loopDelay: 1, memory: 1, heap: 1, cpu: 0 },
  flows: flows.map((flow) => flow.tick),
});

describe('Board', () => {
  const hello = { program: 'a.ts', pid: 1, node: 'v20', every: 100 };
  const begin = (...flows: FakeFlow[]) => {
    const drawings: (() => void)[] = [];
    const board = new Board((draw) => drawings.push(draw));
    board.take({ type: 'hello', data: hello });
    for (const { graph } of flows) board.take({ type: 'graph', data: graph });
    board.take({ type: 'tick', data: tick(...flows) });
    return { board, draw: () => drawings.splice(0).map((it) => it()).length };
  };

  test('draws once for all that came since', () => {
    const flow = photographs();
    const { board, draw } = begin(flow);
    for (let i = 0; i < 5; i++) board.take({ type: 'tick', data: tick(flow) });
    expect(board.picture.value).toBeUndefined();
    expect(draw()).toBe(1);
    expect(board.picture.value?.graph.name).toBe('photographs');
  });

  test('learns on while it is paused, and draws nothing', () => {
    const flow = photographs();
    const { board, draw } = begin(flow);
    draw();
    board.pause(true);
    flow.advance(1000);
    board.take({ type: 'tick', data: tick(flow) });
    expect([draw(), board.picture.value?.tick?.elapsed]).toEqual([0, 0]);
    board.pause(false);
    expect(board.picture.value?.tick?.elapsed).toBe(1000);
  });

  test('shows the flow that runs, and stays with it when it ends', () => {
    const [first, second] = [photographs(1), photographs(2)];
    first.state = 'completed';
    const { board, draw } = begin(first, second);
    draw();
    expect(board.picture.value?.flow.id).toBe(2);
    second.state = 'failed';
    const third = photographs(3);
    board.take({ type: 'graph', data: third.graph });
    board.take({ type: 'tick', data: tick(first, second, third) });
    draw();
    expect(board.picture.value?.flow.id).toBe(2);
    board.choose(3);
    expect(board.picture.value?.flow.id).toBe(3);
  });

  test('goes to another flow when the server has forgotten it, and stays with that', () => {
    const [one, two, three] = [photographs(1), photographs(2), photographs(3)];
    const { board, draw } = begin(one);
    draw();
    board.take({ type: 'graph', data: two.graph });
    board.take({ type: 'tick', data: tick(two) });
    draw();
    expect(board.picture.value?.flow.id).toBe(2);
    board.stage.value = 'store';
    board.take({ type: 'graph', data: three.graph });
    board.take({ type: 'tick', data: tick(two, three) });
    draw();
    expect([board.picture.value?.flow.id, board.stage.value]).toEqual([2, 'store']);
  });

  test('begins anew with another program: with its own figures, at its own time, and not held still', () => {
    const [old, flow] = [photographs(), photographs()];
    const { board, draw } = begin(old);
    draw();
    board.pause(true);
    board.take({ type: 'hello', data: { ...hello, pid: 2 } });
    expect([board.process.length, board.picture.value, board.isPaused.value]).toEqual([0, undefined, false]);
    board.take({ type: 'graph', data: flow.graph });
    board.take({ type: 'tick', data: { ...tick(flow), at: 1000 } });
    draw();
    expect([board.process.length, board.process.last]).toEqual([1, 1000]);
    expect(board.picture.value?.flow).toBe(board.flows.value[0]);
    // The same program is told of once a second where the page polls.
    board.pause(true);
    board.take({ type: 'hello', data: { ...hello, pid: 2 } });
    expect([board.process.length, board.isPaused.value]).toEqual([1, true]);
  });

  test('forgets flows that the server has forgotten, and everything of another program', () => {
    const [first, second] = [photographs(1), photographs(2)];
    const { board, draw } = begin(first, second);
    draw();
    board.take({ type: 'tick', data: tick(second) });
    expect(board.flows.value.map(({ id }) => id)).toEqual([2]);
    board.take({ type: 'hello', data: { ...hello, pid: 2 } });
    expect([board.flows.value, board.picture.value]).toEqual([[], undefined]);
  });

  test('keeps the history of a flow when it is told of the same graph again, and not of another flow of the same number', () => {
    const flow = photographs();
    const { board } = begin(flow);
    const [known] = board.flows.value;
    board.take({ type: 'graph', data: structuredClone(flow.graph) });
    expect(board.flows.value[0]).toBe(known);
    expect(known!.recent.size).toBe(1);
    board.take({ type: 'graph', data: { ...flow.graph, started: flow.started + 1 } });
    expect(board.flows.value[0]).not.toBe(known);
    known!.durations('store').push(0, [1]);
    expect(board.flows.value[0]!.durations('store').total).toEqual([]);
  });
});
