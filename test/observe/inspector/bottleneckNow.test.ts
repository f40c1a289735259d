import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FlowNode } from '../../../src/core/flow.ts';
import { Gate } from '../../../src/core/gate.ts';
import { beginTiming, Telemetry } from '../../../src/core/telemetry.ts';
import { FlowRun } from '../../../src/observe/flowRun.ts';
import type { FlowTick } from '../../../src/observe/inspector/protocol.ts';
import { ShownFlow } from '../../../src/observe/inspector/ShownFlow.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const STAGES = ['read', 'parse', 'store'] as const;

/** A flow whose stages do what a test says, and what a page is told of it. */
function shownFlow() {
  const settings = { name: 'flow', grace: 1000, strict: false, redact: undefined, telemetry: undefined, cores: 4 };
  const flow = new FlowRun(settings);
  const gates = STAGES.map(() => new Gate(flow));
  const nodes = STAGES.map((name, i): FlowNode => {
    const telemetry = new Telemetry();
    beginTiming(telemetry);
    telemetry.concurrency = i === 0 ? 0 : 1;
    return {
      kind: i === 0 ? 'source' : 'stage',
      name,
      definition: {},
      telemetry,
      held: 0,
      outlets: gates.slice(i + 1, i + 2),
      gate: gates[i]!,
      quit: () => {},
    };
  });
  for (const node of nodes) flow.join(node);
  const shown = new ShownFlow(1, 'flow', flow);
  /** `limit` is at work all the time, and what is above it held back, for some seconds; the page looks as often as it does. */
  const go = (limit: 'parse' | 'store', seconds: number, isSeen = true): void => {
    for (let i = 0; i < seconds * 10; i++) {
      vi.advanceTimersByTime(100);
      for (const { name, telemetry } of nodes) {
        const isAbove = STAGES.indexOf(name as 'read') < STAGES.indexOf(limit);
        if (name === limit) telemetry.work!.total += 99;
        else if (isAbove) telemetry.heldBack!.total += 99;
        telemetry.in += 1;
        telemetry.completed += 1;
        telemetry.out += 1;
      }
      if (isSeen) tick();
    }
  };
  const tick = (): FlowTick => {
    shown.look();
    return JSON.parse(shown.tick) as FlowTick;
  };
  const bottleneck = () => {
    const { stage, why } = tick().bottleneck!;
    return [STAGES[stage], why] as const;
  };
  return { go, tick, bottleneck, flow };
}

describe('what the page is told of a flow that runs', () => {
  test('is what limits it now, also where it was something else for an hour', () => {
    const { go, bottleneck } = shownFlow();
    go('parse', 3600, false);
    go('parse', 10);
    expect(bottleneck()).toEqual([
      'parse',
      'it was at work 99 % of the time and held back 0 %, while "read" above it was held back 99 %',
    ]);
    go('store', 9);
    expect(bottleneck()).toEqual([
      'store',
      'it was at work 99 % of the time and held back 0 %, while "parse" above it was held back 99 %',
    ]);
  });

  test('is so soon after it is looked at, however long nobody did', () => {
    const { go, bottleneck } = shownFlow();
    go('parse', 3600, false);
    go('store', 60, false);
    expect(bottleneck()[0]).toBe('parse');
    go('store', 2);
    expect(bottleneck()[0]).toBe('store');
  });

  test('has advice about that', () => {
    const { go, tick } = shownFlow();
    go('parse', 3600, false);
    go('store', 10);
    expect(tick().advice[0]).toMatch(/^"store" /);
  });

  test('is of the whole once it has ended', async () => {
    const { go, bottleneck, flow } = shownFlow();
    go('parse', 3600, false);
    go('store', 60);
    expect(bottleneck()[0]).toBe('store');
    flow.abort();
    await flow.done;
    expect(bottleneck()[0]).toBe('parse');
  });
});
