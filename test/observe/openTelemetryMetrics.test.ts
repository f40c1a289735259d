import { metrics, type BatchObservableCallback, type Meter, type MeterProvider } from '@opentelemetry/api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { Histogram } from '../../src/core/telemetry.ts';
import { openTelemetry } from '../../src/observe/openTelemetry.ts';
import { OtelFlow } from './fixtures/otelFlow.ts';
import { metered } from './fixtures/otelSdk.ts';
import { stageReport } from './stageReport.ts';

/** The buckets of durations in milliseconds. */
function bucketsOf(...durations: number[]): Uint32Array {
  const histogram = new Histogram();
  for (const ms of durations) histogram.record(ms);
  return histogram.buckets!;
}

/** A provider that tells how many callbacks it has. */
function counted(provider: MeterProvider) {
  const state: { callbacks: number; added: number; callback?: BatchObservableCallback } = { callbacks: 0, added: 0 };
  const meter = provider.getMeter('sluice');
  const counting = new Proxy(meter, {
    get(target, key: keyof Meter) {
      const own = (target[key] as (...args: unknown[]) => unknown).bind(target);
      return (...args: unknown[]) => {
        if (key === 'addBatchObservableCallback') {
          state.added += 1;
          state.callbacks += 1;
          state.callback = args[0] as BatchObservableCallback;
        }
        if (key === 'removeBatchObservableCallback') state.callbacks -= 1;
        return own(...args);
      };
    },
  });
  return { state, provider: { getMeter: () => counting } satisfies MeterProvider };
}

const breaker = (state: string) => ({
  gauges: [{ kind: 'circuit breaker' as const, name: 'db', state, figures: {} }],
});
const storing = (n: number) => [stageReport('store', { in: n, held: n, concurrency: 2 })];
const fail = () => {
  throw new Error('broken');
};

describe('the metrics of a flow', () => {
  test('are its counters when they are collected, with names and units', async () => {
    const { provider, collect } = metered();
    const flow = new OtelFlow('orders', {
      results: 4,
      lateErrors: 1,
      stages: [
        stageReport('read', { kind: 'source', out: 30, busy: 100, heldBack: 800, idle: 100 }),
        stageReport('parse', { kind: 'stretch', in: 30, out: 29 }),
        stageReport('store', {
          in: 29,
          out: 9,
          completed: 8,
          failed: 2,
          retried: 3,
          dropped: 6,
          droppedFor: { dropOldest: 4, maxAge: 1 },
          merged: 1,
          deadLettered: 1,
          abandoned: 0,
          held: 11,
          overrun: 5,
          concurrency: 4,
          busy: 750,
          heldBack: 50,
          idle: 200,
        }),
      ],
      threads: [{ pool: 'p', thread: 1, state: 'idle', busy: 400, time: 1000, items: 12, restarts: 2, external: 4096 }],
      gauges: [{ kind: 'circuit breaker', name: 'db', state: 'open', figures: { failures: 3, rate: 0.5 } }],
    });
    flow.buckets.set('store', bucketsOf(...Array.from({ length: 100 }, (_, i) => i + 1)));
    flow.begin(openTelemetry({ meterProvider: provider }));

    const told = Object.fromEntries(
      (await collect()).map(({ name, unit, points }) => [
        `${name} ${unit}`,
        points.map(({ attributes, value }) => [...Object.values(attributes), value].join(' ')),
      ]),
    );
    expect(told).toEqual({
      'sluice.flow.active {run}': ['orders 1'],
      'sluice.flow.results {item}': ['orders 4'],
      'sluice.flow.late_errors {error}': ['orders 1'],
      'sluice.stage.received {item}': ['orders parse 30', 'orders store 29'],
      'sluice.stage.emitted {item}': ['orders read 30', 'orders parse 29', 'orders store 9'],
      'sluice.stage.processed {item}': [
        'orders store completed 8',
        'orders store failed 2',
        'orders store merged 1',
        'orders store dead_lettered 1',
        'orders store dropOldest dropped 4',
        'orders store maxAge dropped 1',
        'orders store dropped 1',
      ],
      'sluice.stage.retries {retry}': ['orders store 3'],
      'sluice.stage.overruns {item}': ['orders store 5'],
      'sluice.stage.held {item}': ['orders read 0', 'orders store 11'],
      'sluice.stage.concurrency {item}': ['orders store 4'],
      'sluice.stage.time s': [
        'orders read busy 0.1',
        'orders read held_back 0.8',
        'orders read idle 0.1',
        'orders store busy 0.75',
        'orders store held_back 0.05',
        'orders store idle 0.2',
      ],
      'sluice.stage.duration s': expect.any(Array),
      'sluice.thread.time s': ['orders p 1 busy 0.4', 'orders p 1 idle 0.6'],
      'sluice.thread.items {item}': ['orders p 1 12'],
      'sluice.thread.restarts {thread}': ['orders p 1 2'],
      'sluice.thread.memory.external By': ['orders p 1 4096'],
      'sluice.gauge.value ': ['orders db failures circuit breaker 3', 'orders db rate circuit breaker 0.5'],
      'sluice.gauge.state 1': ['orders db open circuit breaker 1'],
    });
    flow.end();
  });

  test('name what each value belongs to', async () => {
    const { provider, collect } = metered();
    const flow = new OtelFlow('orders', {
      stages: [stageReport('store', { dropped: 1, droppedFor: { latest: 1 }, busy: 5 })],
      threads: [{ pool: 'p', thread: 0, state: 'idle', busy: 1, time: 2, items: 1, restarts: 0, external: 1 }],
      gauges: [{ kind: 'circuit breaker', name: 'db', state: 'open', figures: { failures: 3 } }],
    });
    flow.begin(openTelemetry({ meterProvider: provider }));
    const told = await collect();
    const attributesOf = (name: string) => told.find((metric) => metric.name === name)?.points[0]?.attributes;
    const stage = { 'sluice.flow.name': 'orders', 'sluice.stage.name': 'store' };
    expect(attributesOf('sluice.stage.processed')).toEqual({
      ...stage,
      'sluice.drop.reason': 'latest',
      'sluice.item.outcome': 'dropped',
    });
    expect(attributesOf('sluice.stage.time')).toEqual({ ...stage, 'sluice.stage.state': 'busy' });
    expect(attributesOf('sluice.thread.time')).toEqual({
      'sluice.flow.name': 'orders',
      'sluice.pool.name': 'p',
      'sluice.thread.index': '0',
      'sluice.thread.state': 'busy',
    });
    expect(attributesOf('sluice.gauge.value')).toEqual({
      'sluice.flow.name': 'orders',
      'sluice.gauge.name': 'db',
      'sluice.gauge.figure': 'failures',
      'sluice.gauge.kind': 'circuit breaker',
    });
    flow.end();
  });

  test('are read when they are collected, and not before', async () => {
    const { provider, values } = metered();
    const flow = new OtelFlow('orders');
    let read = 0;
    const { stats } = flow;
    flow.stats = () => {
      read++;
      return stats.call(flow);
    };
    flow.begin(openTelemetry({ meterProvider: provider, items: 0 }));
    for (let index = 0; index < 100; index++) await flow.work({ index }, () => {});
    expect(read).toBe(0);
    await values('sluice.flow.results');
    expect(read).toBe(1);
    flow.end();
  });

  test('go on counting from one collection to the next', async () => {
    const { provider, values } = metered();
    const flow = new OtelFlow('orders', { stages: [stageReport('store', { in: 5, held: 5 })] });
    flow.begin(openTelemetry({ meterProvider: provider }));
    expect(await values('sluice.stage.received')).toEqual({ 'orders store': 5 });
    flow.now = { stages: [stageReport('store', { in: 12, held: 3 })] };
    expect(await values('sluice.stage.received')).toEqual({ 'orders store': 12 });
    expect(await values('sluice.stage.held')).toEqual({ 'orders store': 3 });
    flow.end();
  });

  test('tell quantiles of durations in seconds, within 19 %', async () => {
    const { provider, values } = metered();
    const flow = new OtelFlow('orders', { stages: [stageReport('store'), stageReport('idle')] });
    flow.buckets.set('store', bucketsOf(...Array.from({ length: 1000 }, (_, i) => i + 1)));
    flow.buckets.set('idle', new Uint32Array(bucketsOf(1).length));
    flow.begin(openTelemetry({ meterProvider: provider }));
    const told = await values('sluice.stage.duration');
    expect(Object.keys(told)).toEqual(['orders store 0.5', 'orders store 0.9', 'orders store 0.99']);
    const [p50, p90, p99] = Object.values(told) as number[];
    for (const [value, right] of [
      [p50!, 0.5],
      [p90!, 0.9],
      [p99!, 0.99],
    ] as const) {
      expect(value).toBeGreaterThanOrEqual(right);
      expect(value).toBeLessThan(right * 1.19);
    }
    flow.end();
  });

  test('never shrink where they are sums: what was idle while an item ran becomes busy when it ends', async () => {
    const { provider, values } = metered('delta');
    const flow = new OtelFlow('orders', { stages: [stageReport('store', { busy: 0, idle: 10_000 })] });
    flow.begin(openTelemetry({ meterProvider: provider }));
    await values('sluice.stage.time');
    flow.now = { stages: [stageReport('store', { busy: 11_000, idle: 1000 })] };
    // A shrinking sum would be told as one that began again, at 1.
    expect(await values('sluice.stage.time')).toMatchObject({ 'orders store busy': 11, 'orders store idle': 0 });
    flow.now = { stages: [stageReport('store', { busy: 11_000, idle: 12_500 })] };
    expect(await values('sluice.stage.time')).toMatchObject({ 'orders store busy': 0, 'orders store idle': 2.5 });
    flow.end();
  });

  test('tell the state that a breaker is in, and that it is in no other any more', async () => {
    const { provider, values } = metered();
    const flow = new OtelFlow('orders', breaker('closed')).begin(openTelemetry({ meterProvider: provider }));
    expect(await values('sluice.gauge.state')).toEqual({ 'orders db closed circuit breaker': 1 });
    flow.now = breaker('open');
    expect(await values('sluice.gauge.state')).toEqual({
      'orders db closed circuit breaker': 0,
      'orders db open circuit breaker': 1,
    });
    flow.end();
  });

  test('leave out figures that are no numbers', async () => {
    const { provider, values } = metered();
    const flow = new OtelFlow('orders', {
      gauges: [{ kind: 'circuit breaker', name: 'db', figures: { a: NaN, b: Infinity, c: 1 } }],
    }).begin(openTelemetry({ meterProvider: provider }));
    expect(await values('sluice.gauge.value')).toEqual({ 'orders db c circuit breaker': 1 });
    flow.end();
  });
});

describe('flows of the same name', () => {
  test.each(['cumulative', 'delta'] as const)('are summed up while they run at once: %s', async (temporality) => {
    const { provider, values } = metered(temporality);
    const a = new OtelFlow('orders', { stages: storing(5) }).begin(openTelemetry({ meterProvider: provider }));
    // Another observer, as where one is made for each run.
    const b = new OtelFlow('orders', { stages: storing(3) }).begin(openTelemetry({ meterProvider: provider }));
    expect(await values('sluice.stage.received')).toEqual({ 'orders store': 8 });
    expect(await values('sluice.stage.held')).toEqual({ 'orders store': temporality === 'delta' ? 0 : 8 });
    expect(await values('sluice.flow.active')).toEqual({ orders: temporality === 'delta' ? 0 : 2 });
    a.end();
    b.end();
  });

  test('share the durations of their items', async () => {
    const { provider, values } = metered();
    const observer = openTelemetry({ meterProvider: provider });
    const flows = [bucketsOf(...Array<number>(60).fill(1)), bucketsOf(...Array<number>(40).fill(1000))].map(
      (buckets) => {
        const flow = new OtelFlow('orders', { stages: [stageReport('store')] });
        flow.buckets.set('store', buckets);
        return flow.begin(observer);
      },
    );
    const [p50, p90] = Object.values(await values('sluice.stage.duration')) as number[];
    expect(p50).toBeLessThan(0.00119);
    expect(p90).toBeGreaterThanOrEqual(1);
    for (const flow of flows) flow.end();
  });

  test('show a breaker that they share as it is', async () => {
    const { provider, values } = metered();
    const gauges = [{ kind: 'circuit breaker' as const, name: 'db', state: 'open', figures: { failures: 3 } }];
    const flows = [1, 2].map(() =>
      new OtelFlow('orders', { gauges }).begin(openTelemetry({ meterProvider: provider })),
    );
    expect(await values('sluice.gauge.value')).toEqual({ 'orders db failures circuit breaker': 3 });
    expect(await values('sluice.gauge.state')).toEqual({ 'orders db open circuit breaker': 1 });
    for (const flow of flows) flow.end();
  });

  test('go on counting where those before them have ended, also from another observer', async () => {
    const { provider, values } = metered();
    for (const expected of [7, 14, 21]) {
      const flow = new OtelFlow('orders', { results: 7 }).begin(openTelemetry({ meterProvider: provider }));
      expect(await values('sluice.flow.results')).toEqual({ orders: expected });
      flow.end();
      expect(await values('sluice.flow.results')).toEqual({ orders: expected });
    }
    expect(await values('sluice.flow.runs')).toEqual({ 'orders completed': 3 });
  });
});

describe('a flow that has ended', () => {
  test.each(['cumulative', 'delta'] as const)(
    'tells its last counts to what collects afterwards, though nothing collected before: %s',
    async (temporality) => {
      const { provider, collect } = metered(temporality);
      const flow = new OtelFlow('orders', { results: 1 }).begin(openTelemetry({ meterProvider: provider }));
      flow.now = {
        results: 7,
        stages: [
          stageReport('store', { in: 9, out: 7, completed: 7, abandoned: 2, held: 0, concurrency: 3, busy: 1000 }),
        ],
      };
      flow.buckets.set('store', bucketsOf(4));
      flow.end('aborted');
      const told = new Map((await collect()).map(({ name, points }) => [name, points.map(({ value }) => value)]));
      expect(Object.fromEntries(told)).toMatchObject({
        'sluice.flow.runs': [1],
        'sluice.flow.results': [7],
        'sluice.stage.received': [9],
        'sluice.stage.processed': [7, 2],
        'sluice.stage.time': [1, 0, 0],
      });
      expect(told.get('sluice.stage.duration')).toHaveLength(3);
    },
  );

  test('tells delta readers what came since they last collected, once', async () => {
    const { provider, values } = metered('delta');
    const flow = new OtelFlow('orders', { results: 5 }).begin(openTelemetry({ meterProvider: provider }));
    expect(await values('sluice.flow.results')).toEqual({ orders: 5 });
    flow.now = { results: 8 };
    flow.end();
    expect(await values('sluice.flow.results')).toEqual({ orders: 3 });
    expect(await values('sluice.flow.results')).toEqual({});
  });

  test('tells every reader of a provider', async () => {
    const { provider, values } = metered('cumulative', 2);
    const flow = new OtelFlow('orders', { results: 5 }).begin(openTelemetry({ meterProvider: provider }));
    flow.end();
    expect(await values('sluice.flow.results', 0)).toEqual({ orders: 5 });
    expect(await values('sluice.flow.results', 1)).toEqual({ orders: 5 });
  });

  test('holds nothing any more, whatever it held last', async () => {
    const { provider, values } = metered();
    const stages = [stageReport('store', { held: 5, concurrency: 4 })];
    const threads = [
      { pool: 'p', thread: 0, state: 'idle' as const, busy: 1, time: 2, items: 1, restarts: 0, external: 9 },
    ];
    const flow = new OtelFlow('orders', { stages, threads }).begin(openTelemetry({ meterProvider: provider }));
    expect(await values('sluice.stage.held')).toEqual({ 'orders store': 5 });
    flow.end();
    expect(await values('sluice.stage.held')).toEqual({ 'orders store': 0 });
    expect(await values('sluice.stage.concurrency')).toEqual({ 'orders store': 0 });
    expect(await values('sluice.thread.memory.external')).toEqual({ 'orders p 0': 0 });
    expect(await values('sluice.flow.active')).toEqual({ orders: 0 });
  });

  test('leaves no callback behind once its last counts were collected; the next begins with a new one', async () => {
    const { provider, values } = metered();
    const { state, provider: own } = counted(provider);
    const observer = openTelemetry({ meterProvider: own });
    expect(state.callbacks).toBe(0);
    const a = new OtelFlow('a', { results: 1 }).begin(observer);
    const b = new OtelFlow('b', { results: 2 }).begin(observer);
    expect(state.callbacks).toBe(1);
    a.end();
    await values('sluice.flow.results');
    expect(state.callbacks).toBe(1);
    b.end();
    expect(state.callbacks).toBe(1);
    expect(await values('sluice.flow.results')).toEqual({ a: 1, b: 2 });
    expect(state.callbacks).toBe(0);

    const c = new OtelFlow('a', { results: 5 }).begin(observer);
    expect(state).toMatchObject({ callbacks: 1, added: 2 });
    expect(await values('sluice.flow.results')).toEqual({ a: 6, b: 2 });
    c.end();
    await values('sluice.flow.results');
    expect(state.callbacks).toBe(0);
  });

  test('keeps the callback where the next begins before it is removed', async () => {
    const { provider, values } = metered();
    const { state, provider: own } = counted(provider);
    const observer = openTelemetry({ meterProvider: own });
    new OtelFlow('orders', { results: 1 }).begin(observer).end();
    void state.callback!({ observe: () => {} });
    const next = new OtelFlow('orders', { results: 2 }).begin(observer);
    await Promise.resolve();
    expect(state).toMatchObject({ callbacks: 1, added: 1 });
    expect(await values('sluice.flow.results')).toEqual({ orders: 3 });
    next.end();
  });

  test('takes away no turn of what else observes', async () => {
    const { provider, collect } = metered();
    new OtelFlow('orders').begin(openTelemetry({ meterProvider: provider })).end();
    const meter = provider.getMeter('sluice');
    const own = meter.createObservableGauge('own');
    let turns = 0;
    meter.addBatchObservableCallback(() => void turns++, [own]);
    await collect();
    expect(turns).toBe(1);
  });

  test('takes its durations with it once they were told', async () => {
    const { provider, values } = metered();
    const told: unknown[] = [];
    for (const ms of [1000, 1]) {
      const flow = new OtelFlow('orders', { stages: [stageReport('store')] });
      flow.buckets.set('store', bucketsOf(ms, ms));
      flow.begin(openTelemetry({ meterProvider: provider })).end();
      told.push((await values('sluice.stage.duration'))['orders store 0.99']);
    }
    expect(told[0]).toBeGreaterThanOrEqual(1);
    expect(told[1]).toBeLessThan(0.00119);
  });

  test('is kept in memory by nothing', async () => {
    const { provider, values } = metered();
    const flows: WeakRef<OtelFlow>[] = [];
    const observer = openTelemetry({ meterProvider: provider });
    (() => {
      for (let i = 0; i < 50; i++) {
        const flow = new OtelFlow('orders', { results: 1 }).begin(observer);
        flow.end();
        flows.push(new WeakRef(flow));
      }
    })();
    expect(await values('sluice.flow.results')).toEqual({ orders: 50 });
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    // What was made in this turn of the event loop is only let go in another.
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    expect(flows.filter((flow) => flow.deref() !== undefined)).toEqual([]);
  });
});

describe('X17: names without end', () => {
  test('are told apart up to 1,000 of an instrument, and put together as other beyond', async () => {
    const { provider, collect } = metered();
    const names = Array.from({ length: 1200 }, (_, i) => `s${i}`);
    const stages = (n: number) => names.map((name) => stageReport(name, { in: n, completed: n, busy: 1000, held: 1 }));
    const flow = new OtelFlow('orders', { stages: stages(1) });
    flow.begin(openTelemetry({ meterProvider: provider }));
    for (const n of [1, 2]) {
      flow.now = { stages: stages(n) };
      const told = new Map((await collect()).map(({ name, points }) => [name, points]));
      const received = told.get('sluice.stage.received')!;
      expect(received).toHaveLength(1001);
      expect(received.find(({ attributes }) => attributes['sluice.stage.name'] === 'other')).toMatchObject({
        value: 200 * n,
        attributes: { 'sluice.flow.name': 'other', 'sluice.stage.name': 'other' },
      });
      expect(received.reduce((sum, { value }) => sum + (value as number), 0)).toBe(1200 * n);
      // Three states a stage: 333 stages, one state of another, and the rest by its state.
      const time = told.get('sluice.stage.time')!;
      expect(time).toHaveLength(1003);
      expect(time.reduce((sum, { value }) => sum + (value as number), 0)).toBe(1200);
      expect(told.get('sluice.stage.processed')).toHaveLength(1001);
    }
    flow.end();
  });

  test('are put together where every run has a name of its own, and few are kept', async () => {
    const { provider, values } = metered();
    const observer = openTelemetry({ meterProvider: provider });
    for (let i = 0; i < 1500; i++) new OtelFlow(`job ${i}`, { results: 1 }).begin(observer).end();
    const told = await values('sluice.flow.results');
    expect(Object.keys(told)).toHaveLength(1001);
    expect(told).toMatchObject({ 'job 0': 1, other: 500 });
  });

  test('are not mixed up, whatever they contain', async () => {
    const { provider, values } = metered();
    const names = ['a b', 'a', 'a","b', '__proto__', '"} evil{', 'a\nb'];
    const stages = names.map((name, i) => stageReport(name, { in: i + 1 }));
    const flow = new OtelFlow('x', { stages }).begin(openTelemetry({ meterProvider: provider }));
    expect(Object.values(await values('sluice.stage.received'))).toEqual([1, 2, 3, 4, 5, 6]);
    flow.end();
  });
});

describe('where the metrics go', () => {
  test('is the global provider at the time when a flow begins', async () => {
    const { provider, values } = metered();
    const observer = openTelemetry();
    new OtelFlow('before', { results: 1 }).begin(observer).end();
    metrics.setGlobalMeterProvider(provider);
    new OtelFlow('after', { results: 1 }).begin(observer).end();
    expect(await values('sluice.flow.results')).toEqual({ after: 1 });
  });

  test('is nowhere without an SDK, and the flow is not even kept', () => {
    const flow = new OtelFlow('orders');
    let asked = 0;
    flow.onEnd = () => void asked++;
    flow.begin(openTelemetry());
    expect(asked).toBe(0);
    flow.begin(openTelemetry({ meterProvider: metered().provider }));
    expect(asked).toBe(1);
  });

  test.each(['getMeter', 'createObservableCounter', 'addBatchObservableCallback'])(
    'does not matter to the flow where it throws: %s',
    async (broken) => {
      const { warn } = hooks;
      const told: string[] = [];
      hooks.warn = (message, code) => void told.push(`${code}: ${message}`);
      onTestFinished(() => void (hooks.warn = warn));
      const meter = metered().provider.getMeter('sluice');
      const meterProvider = {
        getMeter:
          broken === 'getMeter'
            ? fail
            : () => new Proxy(meter, { get: (own, key) => (key === broken ? fail : Reflect.get(own, key).bind(own)) }),
      } as unknown as MeterProvider;
      const flow = new OtelFlow('orders');
      let subscribed = false;
      flow.begin(openTelemetry({ meterProvider }), () => (subscribed = true));
      expect(await flow.work({}, () => 5)).toBe(5);
      flow.end();
      expect(subscribed).toBe(true);
      expect(told).toEqual(['SLUICE_TELEMETRY: OpenTelemetry failed, and may lack some of flow "orders": broken']);
    },
  );
});
