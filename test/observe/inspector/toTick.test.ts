import { describe, expect, test } from 'vitest';
import { STAGE_FIELDS } from '../../../src/observe/inspector/protocol.ts';
import { toTick } from '../../../src/observe/inspector/toTick.ts';
import type { FlowStats, Report } from '../../../src/observe/report.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { stageReport } from '../stageReport.ts';

function tick(now: Partial<FlowStats>, report?: Partial<Report>) {
  const view = new FakeView('flow', now);
  if (report !== undefined) view.end(report);
  return toTick(3, view, view.report ?? view.stats());
}

describe('toTick', () => {
  test('gives the numbers of a stage in the order that the protocol names', () => {
    const given = Object.fromEntries(STAGE_FIELDS.map((field, i) => [field, i * 10]));
    const { stages } = tick({ stages: [stageReport('a', given)] });
    expect(stages).toEqual([STAGE_FIELDS.map((_, i) => i * 10)]);
  });

  test('gives -1 for what is not known or has no end, and thousandths', () => {
    const { stages } = tick({
      stages: [
        stageReport('a', { concurrency: Infinity, used: Number.NaN, busy: 1.23456, p50: 0.0004, p90: 12.3456789 }),
      ],
    });
    const [numbers] = stages;
    const at = (field: (typeof STAGE_FIELDS)[number]) => numbers![STAGE_FIELDS.indexOf(field)];
    expect([at('concurrency'), at('used'), at('busy'), at('p50'), at('p90'), at('p99')]).toEqual([
      -1, -1, 1.235, 0, 12.346, -1,
    ]);
    expect(JSON.parse(JSON.stringify(stages))).toEqual(stages);
  });

  test('finds the bottleneck while the flow runs, by its place', () => {
    const time = { concurrency: 1, idle: 0 };
    const { bottleneck, advice, state } = tick({
      stages: [
        stageReport('read', { kind: 'source', to: ['store'], heldBack: 90, busy: 10, idle: 0 }),
        stageReport('store', { ...time, busy: 100 }),
      ],
    });
    expect(bottleneck).toEqual({ stage: 1, why: expect.stringContaining('while "read" above it was held back 90 %') });
    expect({ advice, state }).toEqual({ advice: [], state: 'running' });
  });

  test('says what the report says once there is one', () => {
    const stages = [stageReport('read', { kind: 'source' }), stageReport('store')];
    const ended = tick(
      { stages, results: 5 },
      {
        ended: 'aborted',
        reason: new RangeError('too much'),
        bottleneck: { name: 'store', why: 'it was slow' },
        advice: ['Be quick.'],
        abandoned: 9,
      },
    );
    expect(ended).toMatchObject({
      flow: 3,
      state: 'aborted',
      reason: 'too much',
      results: 5,
      bottleneck: { stage: 1, why: 'it was slow' },
      advice: ['Be quick.'],
      abandoned: 9,
    });
    // One that is not among the stages is left out.
    expect(tick({ stages }, { bottleneck: { name: 'gone', why: '' } })).not.toHaveProperty('bottleneck');
  });

  test('says what the flow waits for where there is no bottleneck', () => {
    const noBottleneck = 'none was at work';
    expect(tick({}, { noBottleneck })).toMatchObject({ noBottleneck });
    expect(tick({}, { noBottleneck: 'x'.repeat(5000) }).noBottleneck).toHaveLength(1000);
    expect(tick({}, {})).not.toHaveProperty('noBottleneck');
  });

  test.each<[reason: unknown, text: string]>([
    ['a text', 'a text'],
    [{ a: 1 }, '[Object]'],
    [null, 'null'],
    [Object.create(null), '[object]'],
    [new Error('x'.repeat(5000)), `${'x'.repeat(999)}…`],
  ])('gives the reason for an end in words, %#', (reason, text) => {
    expect(tick({}, { ended: 'failed', reason }).reason).toBe(text);
  });

  test('gives notes and what was dropped by the places of the stages, and leaves out those without', () => {
    const { notes, droppedFor } = tick({
      stages: [
        stageReport('a'),
        stageReport('b', { note: 'open until noon', droppedFor: { full: 3 } }),
        stageReport('c', { note: 'x'.repeat(2000) }),
      ],
    });
    expect(notes).toEqual({ 1: 'open until noon', 2: `${'x'.repeat(999)}…` });
    expect(droppedFor).toEqual({ 1: { full: 3 } });
  });

  test('keeps lists as short as a page can show', () => {
    const { failures, droppedFor, threads, gauges } = tick({
      stages: [
        stageReport('a', { droppedFor: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`r${i}`, i])) }),
      ],
      failures: Array.from({ length: 100 }, (_, i) => ({ at: i, stage: 'a', error: 'x', item: 'y'.repeat(300) })),
      threads: Array.from({ length: 1000 }, (_, thread) => ({ ...THREAD, thread })),
      gauges: Array.from({ length: 1000 }, () => ({ kind: 'rate limit' as const, name: 'x', figures: {} })),
    });
    expect(Object.keys(droppedFor[0]!)).toHaveLength(20);
    expect(failures.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, i) => 80 + i));
    expect(failures[0]!.item).toBe(`${'y'.repeat(199)}…`);
    expect([threads.length, gauges.length]).toEqual([256, 256]);
  });

  test('X3 takes no name for a prototype', () => {
    const { droppedFor, gauges } = tick({
      stages: [stageReport('__proto__', { droppedFor: JSON.parse('{"__proto__": 1, "constructor": 2}') })],
      gauges: [{ kind: 'rate limit', name: '__proto__', figures: JSON.parse('{"__proto__": 3}') }],
    });
    expect(JSON.stringify([droppedFor, gauges[0]!.figures])).toBe(
      '[{"0":{"__proto__":1,"constructor":2}},{"__proto__":3}]',
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('X12 shows nothing that the protocol does not name', () => {
    const secret = { password: 'hunter2', contents: ['hunter2'], config: { token: 'hunter2' } };
    const hiding = <T extends object>(value: T): T => Object.assign(value, secret);
    const view = new FakeView('flow', {
      stages: [hiding(stageReport('a', { note: 'n', levels: [{ concurrency: 1, completed: 1, time: 1 }] }))],
      threads: [hiding({ ...THREAD, stage: 'a', item: 7, since: 5.55555 })],
      gauges: [hiding({ kind: 'circuit breaker' as const, name: 'b', state: 'open', figures: { calls: 1 } })],
      failures: [hiding({ at: 1, stage: 'a', error: 'no', index: 4, item: '{"id":4}', attempt: 2 })],
    });
    view.end(hiding({ ended: 'failed' as const, reason: hiding(new Error('no')) }));
    const text = JSON.stringify(toTick(1, hiding(view), hiding(view.report!)));
    expect(text).not.toMatch(/hunter2|password|token|levels/);
    expect(JSON.parse(text)).toMatchObject({
      threads: [{ ...THREAD, stage: 'a', item: 7, since: 5.556 }],
      gauges: [{ kind: 'circuit breaker', name: 'b', state: 'open', figures: { calls: 1 } }],
      failures: [{ at: 1, stage: 'a', error: 'no', index: 4, item: '{"id":4}', attempt: 2 }],
    });
  });
});

const THREAD = {
  pool: 'p',
  thread: 0,
  state: 'idle' as const,
  busy: 1,
  time: 2,
  items: 3,
  restarts: 4,
  external: 5,
  heap: 6,
};
