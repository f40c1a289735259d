import { describe, expect, test } from 'vitest';
import { Histogram } from '../../../src/core/telemetry.ts';
import { prometheus } from '../../../src/observe/inspector/prometheus.ts';
import { ShownFlow } from '../../../src/observe/inspector/ShownFlow.ts';
import type { FlowStats } from '../../../src/observe/report.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { stageReport } from '../stageReport.ts';

function metrics(now: Partial<FlowStats>, name = 'import') {
  return prometheus([new ShownFlow(1, name, new FakeView(name, now))]);
}

/** One sample, with its labels read as Prometheus reads them. Throws for a line that Prometheus would not take. */
function parse(text: string) {
  expect(text.endsWith('\n')).toBe(true);
  const types = new Map<string, string>();
  const samples = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      expect(types.has(type[1]!), line).toBe(false);
      types.set(type[1]!, type[2]!);
    }
    if (line.startsWith('# ')) continue;
    const found =
      /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (\+Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line);
    if (found === null) throw new Error(`Not a sample: ${line}`);
    const labels = Object.fromEntries(
      [...found[2]!.matchAll(/([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"/g)].map(([, key, value]) => [
        key!,
        value!.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
      ]),
    );
    const base = found[1]!.replace(/_(bucket|sum|count)$/, '');
    expect(types.has(found[1]!) || types.get(base) === 'histogram', line).toBe(true);
    samples.push({
      name: found[1]!,
      labels,
      value: Number(found[3]!.replace('+Inf', 'Infinity')),
      series: line.slice(0, line.lastIndexOf(' ')),
    });
  }
  expect(new Set(samples.map(({ series }) => series)).size).toBe(samples.length);
  return samples;
}

const at = (samples: ReturnType<typeof parse>, name: string, labels: object = {}) =>
  samples
    .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .map(({ value }) => value);

describe('prometheus', () => {
  test('gives every counter of a stage', () => {
    const samples = parse(
      metrics({
        results: 9,
        lateErrors: 1,
        stages: [
          stageReport('store', {
            in: 20,
            out: 11,
            completed: 10,
            failed: 2,
            retried: 3,
            dropped: 5,
            droppedFor: { full: 3, old: 1 },
            merged: 1,
            deadLettered: 1,
            abandoned: 0,
            held: 1,
            peak: 4,
            overrun: 6,
            concurrency: Infinity,
            busy: 1500,
            heldBack: 250,
            idle: 1,
          }),
        ],
      }),
    );
    const stage = { flow: 'import', stage: 'store' };
    const values = Object.fromEntries(
      samples
        .filter(({ name, labels }) => name.startsWith('sluice_stage') && labels['reason'] === undefined)
        .map(({ name, value }) => [name.replace('sluice_stage_', ''), value]),
    );
    expect(values).toEqual({
      in_total: 20,
      out_total: 11,
      completed_total: 10,
      failed_total: 2,
      retried_total: 3,
      merged_total: 1,
      dead_lettered_total: 1,
      abandoned_total: 0,
      overrun_total: 6,
      held: 1,
      held_peak: 4,
      concurrency: Infinity,
      busy_seconds_total: 1.5,
      held_back_seconds_total: 0.25,
      idle_seconds_total: 0.001,
    });
    for (const [reason, value] of [
      ['full', 3],
      ['old', 1],
      ['', 1],
    ] as const) {
      expect(at(samples, 'sluice_stage_dropped_total', { ...stage, reason })).toEqual([value]);
    }
    expect(at(samples, 'sluice_flow_results_total')).toEqual([9]);
    expect(at(samples, 'sluice_flow_late_errors_total')).toEqual([1]);
    expect(at(samples, 'sluice_flow_running')).toEqual([1]);
  });

  test('gives threads, and the figures of breakers and limits', () => {
    const samples = parse(
      metrics({
        threads: [
          {
            pool: 'p',
            thread: 2,
            state: 'working',
            busy: 2500,
            time: 5000,
            items: 7,
            restarts: 1,
            external: 1024,
            heap: 2048,
          },
        ],
        gauges: [{ kind: 'circuit breaker', name: 'api', state: 'open', figures: { failures: 3, calls: 10 } }],
      }),
    );
    const thread = { flow: 'import', pool: 'p', thread: '2' };
    expect(at(samples, 'sluice_thread_busy_seconds_total', thread)).toEqual([2.5]);
    expect(at(samples, 'sluice_thread_items_total', thread)).toEqual([7]);
    expect(at(samples, 'sluice_thread_restarts_total', thread)).toEqual([1]);
    expect(at(samples, 'sluice_thread_external_bytes', thread)).toEqual([1024]);
    expect(at(samples, 'sluice_thread_heap_bytes', thread)).toEqual([2048]);
    expect(at(samples, 'sluice_gauge', { kind: 'circuit breaker', name: 'api', figure: 'failures' })).toEqual([3]);
  });

  test('gives durations as a histogram whose buckets and sum agree with what was recorded', () => {
    const histogram = new Histogram();
    const ms = [0.0005, 0.003, 0.003, 5, 5, 5, 1200, 1e9];
    for (const one of ms) histogram.record(one);
    const view = new FakeView('import', { stages: [stageReport('store'), stageReport('never ran')] });
    view.times.set('store', histogram.buckets!);
    const samples = parse(prometheus([new ShownFlow(1, 'import', view)]));
    const buckets = samples.filter(({ name }) => name === 'sluice_stage_duration_seconds_bucket');
    expect(buckets.every(({ labels }) => labels['stage'] === 'store')).toBe(true);
    for (const { labels, value } of buckets) {
      const bound = Number(labels['le']!.replace('+Inf', 'Infinity'));
      expect([bound, value]).toEqual([bound, ms.filter((one) => one / 1000 <= bound).length]);
    }
    expect(buckets.at(-1)!.labels['le']).toBe('+Inf');
    expect(at(samples, 'sluice_stage_duration_seconds_count')).toEqual([8]);
    const few = new Histogram();
    for (let one = 1; one < 100; one++) few.record(one);
    view.times.set('store', few.buckets!);
    const [sum] = at(parse(prometheus([new ShownFlow(1, 'import', view)])), 'sluice_stage_duration_seconds_sum');
    expect(Math.abs(sum! / 4.95 - 1)).toBeLessThan(0.1);
  });

  test.each(['"} evil{x="', '\\', '\\"', 'a\nsluice_stage_in_total{} 1', '\r', '{}', '\u202E', 'ü', '#', ''])(
    'X17 keeps a name within its label: %j',
    (name) => {
      const samples = parse(metrics({ stages: [stageReport(name, { in: 1, droppedFor: { [name]: 1 } })] }, name));
      expect(at(samples, 'sluice_stage_in_total', { flow: name, stage: name })).toEqual([1]);
      expect(at(samples, 'sluice_stage_dropped_total', { reason: name })).toEqual([1]);
    },
  );

  test('has no counter that falls, which would be taken for one that begins again: times of quick work are estimates, and are put right', () => {
    const view = new FakeView('import', { stages: [stageReport('store', { idle: 5_000, busy: 1_000, held: 4 })] });
    const shown = new ShownFlow(1, 'import', view);
    const seconds = (): number[][] => {
      shown.look();
      const samples = parse(prometheus([shown]));
      return [
        at(samples, 'sluice_stage_idle_seconds_total'),
        at(samples, 'sluice_stage_busy_seconds_total'),
        at(samples, 'sluice_stage_held'),
      ];
    };
    expect(seconds()).toEqual([[5], [1], [4]]);
    view.now = { stages: [stageReport('store', { idle: 2_000, busy: 4_500, held: 1 })] };
    expect(seconds()).toEqual([[5], [4.5], [1]]);
    view.now = { stages: [stageReport('store', { idle: 5_500, busy: 4_400, held: 0 })] };
    expect(seconds()).toEqual([[5.5], [4.5], [0]]);
  });

  test('X17 has a thousand series of a metric at most: what comes beyond is counted together', () => {
    const stages = Array.from({ length: 2500 }, (_, i) =>
      stageReport(`stage ${i}`, { in: 2, droppedFor: { [`r${i}`]: 1 } }),
    );
    const view = new FakeView('wide', { stages });
    for (const { name } of stages) view.times.set(name, new Uint32Array([1]));
    const samples = parse(prometheus([new ShownFlow(1, 'wide', view)]));
    for (const [name, sum] of [
      ['sluice_stage_in_total', 5000],
      ['sluice_stage_dropped_total', 2500],
      ['sluice_stage_duration_seconds_count', 2500],
    ] as const) {
      const values = at(samples, name);
      expect(values).toHaveLength(1000);
      expect(values.reduce((a, b) => a + b)).toBe(sum);
      expect(at(samples, name, { flow: 'other', stage: 'other' })).toEqual([sum - (999 * sum) / 2500]);
    }
  });

  test('X17 cuts a name that is long, and adds up what then has the same', () => {
    const long = 'x'.repeat(1e5);
    const samples = parse(
      metrics({ stages: [stageReport(`${long}1`, { in: 1 }), stageReport(`${long}2`, { in: 2 })] }),
    );
    expect(at(samples, 'sluice_stage_in_total', { stage: `${'x'.repeat(199)}…` })).toEqual([3]);
  });
});
