import { describe, expect, test } from 'vitest';
import type { Flow, FlowNode } from '../../src/core/flow.ts';
import { beginTiming, Telemetry } from '../../src/core/telemetry.ts';
import { Entry } from '../../src/observe/Entry.ts';

/** A stage or source of which a test says what it does, and its entry; time stands still unless it is told. */
function begin(kind: 'source' | 'stage', concurrency = 0, more: Partial<FlowNode> = {}) {
  let time = 1000;
  const telemetry = new Telemetry();
  telemetry.concurrency = concurrency;
  beginTiming(telemetry);
  const node: FlowNode = {
    kind,
    name: 'it',
    definition: {},
    telemetry,
    held: 0,
    outlets: [],
    quit: () => {},
    ...more,
  };
  const entry = new Entry(node, time);
  entry.join(node, time);
  const flow = { now: () => time } as Flow;
  return {
    node,
    entry,
    work: telemetry.work!,
    heldBack: telemetry.heldBack!,
    flow,
    pass: (ms: number) => void (time += ms),
    close: () => entry.close(node, time),
    resize: (to: number) => {
      telemetry.concurrency = to;
      entry.resized(node, time);
    },
    times: () => {
      const { busy, heldBack, idle, used } = entry.report(time, { name: 'it', to: [], pool: undefined });
      return [busy, heldBack, idle, used];
    },
  };
}

describe('Entry', () => {
  test('counts work that is under way', () => {
    const { work, flow, pass, times } = begin('stage', 2);
    const first = work.start(flow);
    pass(1000);
    work.start(flow);
    pass(1000);
    expect(times()).toEqual([1500, 0, 500, 1.5]);
    work.end(flow, first);
    expect(times()).toEqual([1500, 0, 500, 1.5]);
    pass(1000);
    expect(times()).toEqual([2000, 0, 1000, expect.closeTo(4 / 3)]);
  });

  test('counts that it is held back', () => {
    const { heldBack, flow, pass, times } = begin('source');
    pass(1000);
    const started = heldBack.start(flow);
    pass(3000);
    expect(times()).toEqual([0, 3000, 1000, 0]);
    heldBack.end(flow, started);
    pass(1000);
    expect(times()).toEqual([0, 3000, 2000, 0]);
  });

  test('counts what was never ended until its node is gone, and no longer', () => {
    const { work, heldBack, flow, pass, times, close } = begin('stage', 1);
    work.start(flow);
    pass(1000);
    close();
    pass(3000);
    expect(times()).toEqual([1000, 0, 3000, 0.25]);
    // What is told too late is nobody's.
    heldBack.start(flow);
    pass(1000);
    expect(times()).toEqual([1000, 0, 4000, 0.2]);
  });

  test('counts what was under way before it had another concurrency by the one that it had', () => {
    const { work, flow, pass, times, resize } = begin('stage', 4);
    resize(4);
    for (let i = 0; i < 4; i++) {
      work.start(flow);
      pass(10);
    }
    pass(1000);
    const before = times();
    resize(8);
    expect(times()).toEqual(before);
    pass(1000);
    expect(times()[0]! - before[0]!).toBeCloseTo(500);
  });

  describe('of a stage on threads', () => {
    /** For how long threads are seen at its items. */
    let seen = 0;
    const pool = { kind: 'threads', name: 'pool', read: () => [], timeAt: () => seen } as const;

    test('counts for how long threads are seen at its items', () => {
      const { work, pass, times } = begin('stage', 2, { pool, held: 3 });
      pass(2000);
      seen = 3000;
      expect(times()).toEqual([1500, 0, 500, 1.5]);
      // The first has reported it.
      work.total += 2000;
      seen = 1000;
      expect(times()).toEqual([1500, 0, 500, 1.5]);
    });

    test('asks for nothing while that is still being made', () => {
      const { node, resize, times } = begin('stage', 1);
      Object.defineProperty(node, 'pool', {
        get: () => {
          throw new TypeError('It has none yet');
        },
      });
      resize(2);
      expect(times()).toEqual([0, 0, 0, 0]);
    });

    test('counts none where it has no items', () => {
      seen = 1000;
      const { pass, times } = begin('stage', 1, { pool });
      pass(1000);
      expect(times()).toEqual([0, 0, 1000, 0]);
    });

    test.each([
      ['as it was seen last', 0, 1000],
      ['not at all where that has been reported since', 900, 900],
    ])('counts what it has given up: %s', (_, reported, busy) => {
      const { node, work, pass, times, close } = begin('stage', 1, { pool, held: 1 });
      pass(1000);
      seen = 1000;
      expect(times()).toEqual([1000, 0, 0, 1]);
      work.total += reported;
      seen = 0;
      node.telemetry.abandoned = 1;
      Object.assign(node, { held: 0 });
      close();
      expect(times()[0]).toBe(busy);
    });
  });
});
