import { merge, share } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { FlowNode } from '../../src/core/flow.ts';
import { Gate } from '../../src/core/gate.ts';
import { beginTiming, Telemetry } from '../../src/core/telemetry.ts';
import { describe as graphOf } from '../../src/observe/describe.ts';
import { Ledger } from '../../src/observe/ledger.ts';
import { run } from '../../src/observe/run.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';

let time = 0;
const ledger = (): Ledger => {
  time = 0;
  return new Ledger(() => time);
};

interface FakeNode extends FlowNode {
  held: number;
}

function node(name: string, kind: 'source' | 'stage', outlets: readonly Gate[], definition: object = {}): FakeNode {
  const telemetry = new Telemetry();
  beginTiming(telemetry);
  return {
    kind,
    name,
    definition,
    telemetry,
    held: 0,
    outlets,
    ...(kind === 'stage' ? { gate: new Gate() } : {}),
    quit: () => {},
  };
}

const stage = (name: string, below: readonly Gate[] = [], definition?: object) =>
  node(name, 'stage', below, definition) as FakeNode & { gate: Gate };
const source = (name: string, below: readonly Gate[]) => node(name, 'source', below);
/** It is full while the next branch begins, so that what is above it lives on. */
const full = (name: string) => workerPool(async (n: number) => n, { name, capacity: 0 });
const names = (of: Ledger): string[] => of.stages(time).map(({ name }) => name);

describe('Ledger', () => {
  test('has sources first, and each stage before what lies below it, in whatever order they join', () => {
    const c = stage('c', [new Gate()]);
    const b = stage('b', [c.gate]);
    const a = stage('a', [b.gate]);
    const s = source('s', [a.gate]);
    for (const order of [
      [c, b, a, s],
      [s, a, b, c],
      [b, s, c, a],
    ]) {
      const it = ledger();
      for (const each of order) it.join(each);
      expect(names(it)).toEqual(['s', 'a', 'b', 'c']);
      for (const each of order) it.leave(each);
      expect(names(it)).toEqual(['s', 'a', 'b', 'c']);
    }
  });

  test('places a stage with several outlets above the longest of its ways', () => {
    const it = ledger();
    const last = stage('last');
    const left = stage('left', [last.gate]);
    const below = stage('right below', [last.gate]);
    const right = stage('right', [below.gate]);
    const split = stage('split', [left.gate, right.gate]);
    for (const each of [last, split, left, below, right]) it.join(each);
    expect(names(it)[0]).toBe('split');
    expect(names(it).indexOf('right')).toBeLessThan(names(it).indexOf('right below'));
    expect(names(it).at(-1)).toBe('last');
  });

  test('knows the ways of all nodes of one definition, those too that left before anybody looked', () => {
    const it = ledger();
    const below = [stage('a'), stage('b'), stage('c')];
    const definition = {};
    const same = below.map(({ gate }) => node('s', 'source', [gate], definition));
    for (const each of [...below, ...same]) it.join(each);
    it.leave(same[0]!);
    const ways = (): string[] => it.stages(time)[0]!.to.toSorted();
    expect(ways()).toEqual(['a', 'b', 'c']);
    for (const each of [...same.slice(1), ...below]) it.leave(each);
    expect(ways()).toEqual(['a', 'b', 'c']);
  });

  test('comes to an end also where stages feed each other', () => {
    const it = ledger();
    const gates: Gate[] = [];
    const a = stage('a', gates);
    const b = stage('b', [a.gate]);
    gates.push(b.gate);
    it.join(a);
    it.join(b);
    expect(names(it).toSorted()).toEqual(['a', 'b']);
  });

  test('numbers names that come again, from above down', () => {
    const it = ledger();
    const second = stage('a');
    const first = stage('a', [second.gate]);
    it.join(second);
    it.join(first);
    expect(names(it)).toEqual(['a', 'a 2']);
  });

  test('calls a stage by the same name for as long as it is asked, whatever joins above it later', () => {
    const it = ledger();
    const low = stage('a');
    it.join(low);
    low.telemetry.in = 1000;
    const rows = () => it.stages(time).map((row) => [row.name, row.in, row.to]);
    expect(rows()).toEqual([['a', 1000, []]]);
    const late = stage('a', [low.gate]);
    it.join(late);
    expect(rows()).toEqual([
      ['a 2', 0, ['a']],
      ['a', 1000, []],
    ]);
    low.telemetry.work!.durations.record(1);
    expect([it.durations('a'), it.durations('a 2')].map((work) => work?.buckets !== undefined)).toEqual([true, false]);
    it.leave(late);
    it.join(stage('a', [low.gate], late.definition));
    it.join(stage('a', [low.gate]));
    expect(rows().map(([name]) => name)).toEqual(['a 2', 'a 3', 'a']);
  });

  test('knows what a stage is called that has ended, and one that was summed by name', () => {
    const it = ledger();
    const second = stage('a');
    const first = stage('a', [second.gate]);
    for (const each of [second, first]) it.join(each);
    it.leave(second);
    expect([it.nameOf(second), it.nameOf(first), it.nameOf(stage('b'))]).toEqual(['a 2', 'a', 'b']);
    for (let i = 0; i < 1000; i++) it.join(stage('made'));
    expect(it.nameOf(stage('made'))).toBe('made');
  });

  test('numbers them so that no two are the same, also where one is called like a numbered one', () => {
    const it = ledger();
    let below: readonly Gate[] = [];
    for (const name of ['a', 'a 2', 'a', 'a 2', 'a']) {
      const each = stage(name, below);
      it.join(each);
      below = [each.gate];
    }
    expect(names(it)).toEqual(['a', 'a 2', 'a 3', 'a 2 2', 'a 4']);
  });

  test('sums up every subscription of one definition, live and ended', () => {
    const it = ledger();
    const definition = {};
    const nodes = [1, 2, 3].map((n) => {
      const each = stage('a', [], definition);
      Object.assign(each.telemetry, { in: n, out: 10 * n, completed: n, peak: n, concurrency: n, dropped: n });
      each.held = n;
      it.join(each);
      return each;
    });
    nodes[0]!.held = 0;
    it.leave(nodes[0]!);
    const [report, ...others] = it.stages(time);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ name: 'a', in: 6, out: 60, completed: 6, dropped: 6, peak: 3, held: 5 });
  });

  test('says how many items the counters of a stage do not account for, of live and ended nodes together', () => {
    const it = ledger();
    const definition = {};
    const [ended, live] = [stage('a', [], definition), stage('a', [], definition)];
    const spent = { completed: 1, failed: 2, dropped: 4, merged: 8, deadLettered: 16, abandoned: 32 };
    for (const each of [ended, live]) it.join(each);
    Object.assign(live.telemetry, { in: 1000, ...spent, out: 5, retried: 5, overrun: 5 });
    live.held = 64;
    expect(it.stages(time)[0]!.unaccounted).toBe(1000 - 127);
    Object.assign(ended.telemetry, { in: 100, ...spent });
    it.leave(ended);
    expect(it.stages(time)[0]!.unaccounted).toBe(1100 - 127 - 63);
    Object.assign(live.telemetry, { in: 0 });
    it.leave(live);
    live.held = 0;
    expect(it.stages(time)[0]!.unaccounted).toBe(100 - 63 - 63);
  });

  test('a source takes no items, so that there are none to account for', () => {
    const it = ledger();
    const s = source('s', []);
    Object.assign(s.telemetry, { out: 3, abandoned: 2 });
    it.join(s);
    expect(it.stages(time)[0]!.unaccounted).toBe(0);
  });

  test('counters of a live node are those of now', () => {
    const it = ledger();
    const a = stage('a');
    it.join(a);
    expect(it.stages(time)[0]!.in).toBe(0);
    a.telemetry.in = 5;
    expect(it.stages(time)[0]!.in).toBe(5);
    it.leave(a);
    expect([it.stages(time)[0]!.in, it.live.size]).toEqual([5, 0]);
  });

  test('busy, held back and idle add up to the time that has passed, also after an early end', () => {
    const it = ledger();
    const a = stage('a');
    a.telemetry.concurrency = 2;
    it.join(a);
    time = 100;
    a.telemetry.work!.total = 80;
    a.telemetry.heldBack!.total = 30;
    expect(it.stages(time)[0]).toMatchObject({ busy: 40, heldBack: 30, idle: 30 });
    it.leave(a);
    time = 200;
    expect(it.stages(time)[0]).toMatchObject({ busy: 40, heldBack: 30, idle: 130 });
  });

  test('is busy for as long as it was, however its concurrency changes', () => {
    const it = ledger();
    const a = stage('a');
    a.telemetry.concurrency = 10;
    it.join(a);
    const resize = (concurrency: number): void => {
      a.telemetry.concurrency = concurrency;
      it.resized(a);
    };
    resize(10);
    time = 100;
    a.telemetry.work!.total = 1000; // ten at once, all the time
    resize(1);
    time = 1000; // nothing more to do
    expect(it.stages(time)[0]).toMatchObject({ busy: 100, idle: 900 });
    resize(0);
    a.telemetry.work!.total += 50; // of one that had begun before
    expect(it.stages(time)[0]).toMatchObject({ busy: 150, idle: 850 });
    resize(50);
    time = 2000;
    a.telemetry.work!.total += 50_000;
    expect(it.stages(time)[0]).toMatchObject({ busy: 1150, idle: 850 });
  });

  test('counts by the concurrency that a stage has now, if it said so only after it had joined', () => {
    const it = ledger();
    const a = stage('a');
    it.join(a);
    a.telemetry.concurrency = 2;
    time = 100;
    a.telemetry.work!.total = 80;
    expect(it.stages(time)[0]).toMatchObject({ busy: 40, idle: 60 });
  });

  test('never counts more than the time there was: measured times are estimates', () => {
    const it = ledger();
    const a = stage('a');
    a.telemetry.concurrency = 1;
    a.telemetry.work!.total = 1000;
    a.telemetry.heldBack!.total = 1000;
    it.join(a);
    time = 100;
    expect(it.stages(time)[0]).toMatchObject({ busy: 100, heldBack: 0, idle: 0 });
  });

  test('the work of a source is its own, and a stage that runs nothing is never busy', () => {
    const it = ledger();
    const s = source('s', []);
    const a = stage('a');
    for (const each of [s, a]) {
      each.telemetry.work!.total = 50;
      it.join(each);
    }
    time = 100;
    expect(it.stages(time).map(({ busy }) => busy)).toEqual([50, 0]);
  });

  test('quantiles are of all that was measured', () => {
    const it = ledger();
    const definition = {};
    for (const ms of [1, 100]) {
      const each = stage('a', [], definition);
      for (let i = 0; i < 50; i++) each.telemetry.work!.durations.record(ms);
      it.join(each);
      if (ms === 1) it.leave(each);
    }
    const { p50, p99 } = it.stages(time)[0]!;
    expect(p50! / 1).toBeCloseTo(1, 0);
    expect(p99! / 100).toBeGreaterThan(0.9);
    expect(p99! / 100).toBeLessThan(1.2);
    expect(ledger().stages(time)).toEqual([]);
  });

  test('is bounded: beyond a thousand definitions it sums by name', () => {
    const it = ledger();
    for (let i = 0; i < 1000; i++) {
      const each = stage(`made ${i % 10}`);
      each.telemetry.in = 1;
      it.join(each);
      it.leave(each);
    }
    const stages = it.stages(time);
    expect(stages.length).toBe(1000);
    expect(stages.reduce((sum, each) => sum + each.in, 0)).toBe(1000);
  });
});

describe('the ledger of a run', () => {
  test('has every way of a source and of a stage that are used several times', async () => {
    const numbers$ = fromIterable([1, 2, 3, 4]);
    const parse = workerPool((n: number) => n, { name: 'parse' });
    const report = await run(
      merge(
        numbers$.pipe(full('a')),
        numbers$.pipe(full('b')),
        numbers$.pipe(parse, full('c')),
        numbers$.pipe(parse, full('d')),
      ),
    ).done;
    expect(
      graphOf(report)
        .edges.map(({ from, to }) => `${from} → ${to}`)
        .toSorted(),
    ).toEqual(['fromIterable → a', 'fromIterable → b', 'fromIterable → parse', 'parse → c', 'parse → d']);
  });

  test('has a source too that finds its flow only by the fallback, with no stage below it', async () => {
    const { stages, results } = await run(fromIterable([1, 2, 3]).pipe(share())).done;
    expect([stages.map(({ name, out }) => [name, out]), results]).toEqual([[['fromIterable', 3]], 3]);
  });
});
