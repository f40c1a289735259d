import { context, createContextKey, SpanStatusCode, trace, type Span, type TracerProvider } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { from, map, Observable, of } from 'rxjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import type { FlowObserver } from '../../src/observe/FlowObserver.ts';
import { openTelemetry } from '../../src/observe/openTelemetry.ts';
import { OtelFlow } from './fixtures/otelFlow.ts';
import { traced } from './fixtures/otelSdk.ts';

const activeId = () => trace.getActiveSpan()?.spanContext().spanId;

/** Warnings until the end of the test. */
function warnings(): string[] {
  const { warn } = hooks;
  const told: string[] = [];
  hooks.warn = (message, code) => void told.push(`${code}: ${message}`);
  onTestFinished(() => void (hooks.warn = warn));
  return told;
}

describe('the span of a run', () => {
  test('lasts from its start to its end and says how it went', () => {
    const { provider, spans, span } = traced();
    const flow = new OtelFlow('orders', { results: 7, lateErrors: 1 }).begin(
      openTelemetry({ tracerProvider: provider }),
    );
    expect(spans()).toEqual([]);
    flow.end('quit', { abandoned: 2, bottleneck: { name: 'store', why: 'it was at work 95 % of the time' } });
    expect(span('run orders')).toMatchObject({
      instrumentationScope: { name: 'sluice' },
      parentSpanContext: undefined,
      status: { code: SpanStatusCode.UNSET },
      events: [],
      attributes: {
        'sluice.flow.name': 'orders',
        'sluice.flow.ended': 'quit',
        'sluice.flow.results': 7,
        'sluice.flow.late_errors': 1,
        'sluice.flow.abandoned': 2,
        'sluice.bottleneck.name': 'store',
        'sluice.bottleneck.why': 'it was at work 95 % of the time',
      },
    });
    expect(spans()).toHaveLength(1);
  });

  test('has no bottleneck where there is none', () => {
    const { provider, span } = traced();
    new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider })).end();
    expect(Object.keys(span('run orders').attributes).filter((key) => key.includes('bottleneck'))).toEqual([]);
  });

  test('is a child of the span that is active where run is called, and keeps the rest of its context', () => {
    const { provider, span } = traced();
    const parent = provider.getTracer('test').startSpan('request');
    const key = createContextKey('who');
    let who: unknown;
    const outer = trace.setSpan(context.active(), parent).setValue(key, 'me');
    const flow = context.with(outer, () =>
      new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider }), () => {
        who = context.active().getValue(key);
      }),
    );
    flow.end();
    expect(span('run orders').parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(who).toBe('me');
  });

  test('is active while the flow subscribes, and no longer afterwards', () => {
    const { provider, span } = traced();
    let inside: string | undefined;
    const flow = new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider }), () => {
      inside = activeId();
    });
    expect(activeId()).toBeUndefined();
    flow.end();
    expect(inside).toBe(span('run orders').spanContext().spanId);
  });

  test.each(['failed', 'aborted'] as const)('is an error where the run is %s, with the reason', (ended) => {
    const { provider, span } = traced();
    const reason = Object.assign(new RangeError('too much'), { code: 'ERR_MUCH' });
    new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider })).end(ended, { reason });
    const { status, events, attributes } = span('run orders');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'too much' });
    expect(events).toMatchObject([
      {
        name: 'exception',
        attributes: {
          'exception.type': 'ERR_MUCH',
          'exception.message': 'too much',
          'exception.stacktrace': reason.stack,
        },
      },
    ]);
    expect(attributes['error.type']).toBe('ERR_MUCH');
  });

  test.each<[string, unknown, string, string]>([
    ['null', null, 'object', 'null'],
    ['a text', 'why', 'string', 'why'],
    ['an error without a code', new RangeError('far'), 'RangeError', 'far'],
    ['an error whose code is a number', Object.assign(new Error('n'), { code: 5 }), 'Error', 'n'],
    ['an object', { a: 1 }, 'object', '[Object]'],
    ['a long one', new Error('x'.repeat(10_000)), 'Error', 'x'.repeat(1000)],
  ])('is an error where the reason is %s', (_, reason, type, message) => {
    const { provider, span } = traced();
    new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider })).end('failed', { reason });
    const { status, events, attributes } = span('run orders');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(attributes['error.type']).toBe(type);
    expect(String(events[0]!.attributes!['exception.stacktrace'] ?? '').length).toBeLessThanOrEqual(4096);
  });

  test('is an error where looking at the reason throws', () => {
    const { provider, span } = traced();
    const told = warnings();
    const reason = new Proxy(
      {},
      {
        get() {
          throw new Error('do not look');
        },
      },
    );
    new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider })).end('failed', { reason });
    expect(span('run orders').status.code).toBe(SpanStatusCode.ERROR);
    expect(told).toEqual([]);
  });

  test('goes to the global provider, one that is registered after the observer was made', () => {
    const { provider, spans } = traced();
    const observer = openTelemetry();
    trace.setGlobalTracerProvider(provider);
    new OtelFlow('orders').begin(observer).end();
    expect(spans().map(({ name }) => name)).toEqual(['run orders']);
  });

  test('is one for each run of an observer', () => {
    const { provider, spans } = traced();
    const observer = openTelemetry({ tracerProvider: provider });
    const a = new OtelFlow('a').begin(observer);
    const b = new OtelFlow('b').begin(observer);
    b.end();
    a.end();
    const [first, second] = spans();
    expect([first?.name, second?.name]).toEqual(['run b', 'run a']);
    expect(first!.spanContext().traceId).not.toBe(second!.spanContext().traceId);
  });
});

describe('the span of an item', () => {
  test('is a child of the span of the run, and says which item it is', async () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    await flow.work({ stage: 'store', index: 4, attempt: 2 }, () => 1);
    flow.end();
    const item = span('process store');
    expect(item.parentSpanContext?.spanId).toBe(span('run orders').spanContext().spanId);
    expect(item.attributes).toEqual({
      'sluice.stage.name': 'store',
      'sluice.item.index': 4,
      'sluice.item.attempt': 2,
    });
    expect(item.status.code).toBe(SpanStatusCode.UNSET);
  });

  test.each([
    [0, []],
    [1, [0, 1, 2, 3, 4, 5, 6]],
    [3, [0, 3, 6]],
    [100, [0]],
  ])('is there for one item in %d', async (items, sampled) => {
    const { provider, spans } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items, tracerProvider: provider }));
    for (let index = 0; index < 7; index++) await flow.work({ index }, () => {});
    flow.end();
    expect(
      spans()
        .filter(({ name }) => name === 'process work')
        .map(({ attributes }) => attributes['sluice.item.index']),
    ).toEqual(sampled);
  });

  test('is not there by default', async () => {
    const { provider, spans } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider }));
    await flow.work({ index: 0 }, () => {});
    flow.end();
    expect(spans()).toHaveLength(1);
  });

  test.each([
    [
      'throws',
      () => {
        throw new TypeError('no');
      },
    ],
    [
      'rejects',
      async () => {
        await sleep(1);
        throw new TypeError('no');
      },
    ],
  ])('carries the error of work that %s', async (_, fn) => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    await flow.work({}, fn);
    flow.end();
    const { status, events, attributes } = span('process work');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'no' });
    expect(events.map(({ attributes: told }) => told?.['exception.type'])).toEqual(['TypeError']);
    expect(attributes['error.type']).toBe('TypeError');
    expect(span('run orders').status.code).toBe(SpanStatusCode.UNSET);
  });

  test('ends with an error where beginning the work throws, which whoever began it gets', () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    const error = new Error('below');
    expect(() =>
      flow.watch.around({ stage: 'work', index: 0, attempt: 1 }, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(span('process work').status).toEqual({ code: SpanStatusCode.ERROR, message: 'below' });
    flow.end();
  });

  test('ends with the run at the latest, and once', () => {
    const { provider, spans } = traced();
    const told = warnings();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    const end = flow.watch.around({ stage: 'work', index: 0, attempt: 1 }, () => {})!;
    expect(spans()).toEqual([]);
    flow.end('aborted');
    expect(spans().map(({ name }) => name)).toEqual(['process work', 'run orders']);
    end.ended();
    expect(spans()).toHaveLength(2);
    expect(told).toEqual([]);
  });

  test('is not there where the run is not sampled', async () => {
    const { provider, spans } = traced(new AlwaysOffSampler());
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    let began = 0;
    expect(flow.watch.around({ stage: 'work', index: 0, attempt: 1 }, () => void began++)).toBeUndefined();
    expect(began).toBe(1);
    expect(flow.watch.traceparent()).toMatch(/-00$/);
    flow.end();
    expect(spans()).toEqual([]);
  });
});

describe('the active span in the work on an item', () => {
  test('is that of the item, also after awaiting, and spans begun there are its children', async () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    const tracer = provider.getTracer('client');
    await flow.work({}, async () => {
      tracer.startSpan('GET 1').end();
      await sleep(1);
      await Promise.resolve();
      tracer.startSpan('GET 2').end();
    });
    expect(activeId()).toBeUndefined();
    flow.end();
    const { spanId } = span('process work').spanContext();
    expect(span('GET 1').parentSpanContext?.spanId).toBe(spanId);
    expect(span('GET 2').parentSpanContext?.spanId).toBe(spanId);
  });

  test('is that of the item in an inner Observable, synchronous or not', async () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    const seen: unknown[] = [];
    await flow.work({}, () => {
      of(1)
        .pipe(map(() => activeId()))
        .subscribe((id) => seen.push(id));
      new Observable<string | undefined>((below) => below.next(activeId())).subscribe((id) => seen.push(id));
      from(sleep(1)).subscribe(() => seen.push(activeId()));
      return sleep(5);
    });
    flow.end();
    expect(seen).toEqual(Array.from({ length: 3 }, () => span('process work').spanContext().spanId));
  });

  test('is that of the run for items without a span, wherever they come from', async () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 2, tracerProvider: provider }));
    const seen: unknown[] = [];
    await flow.work({ index: 0 }, async () => {
      await sleep(1);
      // As where the end of one item begins the next: in the context of the first.
      await flow.work({ index: 1 }, async () => {
        await sleep(1);
        seen.push(activeId());
      });
      await flow.work({ index: 2, stage: 'below' }, () => void seen.push(activeId()));
      seen.push(activeId());
    });
    flow.end();
    const idOf = (name: string) => span(name).spanContext().spanId;
    expect(seen).toEqual([idOf('run orders'), idOf('process below'), idOf('process work')]);
    expect(span('process below').parentSpanContext?.spanId).toBe(idOf('run orders'));
  });

  test('of items that run at once is that of each', async () => {
    const { provider, spans } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    const seen = new Map<number, unknown>();
    const work = async (index: number) =>
      flow.work({ index }, async () => {
        await sleep(10 - index);
        seen.set(index, activeId());
      });
    await Promise.all(Array.from({ length: 8 }, (_, index) => work(index)));
    flow.end();
    const items = spans().filter(({ name }) => name === 'process work');
    expect(items).toHaveLength(8);
    for (const item of items) {
      expect(seen.get(item.attributes['sluice.item.index'] as number)).toBe(item.spanContext().spanId);
    }
  });
});

describe('traceparent', () => {
  test('names the span of the item in its work, and that of the run elsewhere in the flow', async () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider: provider }));
    let inside: string | undefined;
    await flow.work({}, async () => {
      await sleep(1);
      inside = flow.watch.traceparent();
    });
    const outside = flow.watch.traceparent();
    flow.end();
    const header = (name: string) => `00-${span(name).spanContext().traceId}-${span(name).spanContext().spanId}-01`;
    expect(inside).toBe(header('process work'));
    expect(outside).toBe(header('run orders'));
  });

  test('names that of the run where another trace is active', () => {
    const { provider, span } = traced();
    const flow = new OtelFlow('orders').begin(openTelemetry({ tracerProvider: provider }));
    const other = trace.setSpan(context.active(), provider.getTracer('test').startSpan('other'));
    const header = context.with(other, () => flow.watch.traceparent());
    flow.end();
    expect(header?.split('-')[1]).toBe(span('run orders').spanContext().traceId);
  });

  test('is written as the W3C has it', () => {
    const traceId = '0AF7651916CD43DD8448EB211C80319C';
    const run = trace.wrapSpanContext({ traceId, spanId: 'B7AD6B7169203331', traceFlags: 0x101 });
    const tracerProvider = { getTracer: () => ({ startSpan: () => run }) } as unknown as TracerProvider;
    const flow = new OtelFlow('orders').begin(openTelemetry({ tracerProvider }));
    expect(flow.watch.traceparent()).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    flow.end();
  });
});

describe('without an SDK', () => {
  test('the work is done, and nobody hears of it', async () => {
    const told = warnings();
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1 }));
    let began = 0;
    const end = flow.watch.around({ stage: 'work', index: 0, attempt: 1 }, () => void began++);
    expect(end).toBeUndefined();
    expect(await flow.work({}, () => 5)).toBe(5);
    expect(flow.watch.traceparent()).toBeUndefined();
    flow.end('failed', { reason: new Error('no') });
    expect(began).toBe(1);
    expect(told).toEqual([]);
  });

  test('the trace that it is called in is passed on', () => {
    // What a proxy without an SDK of its own does: there are contexts, and no tracer.
    const { provider } = traced();
    const parent = provider.getTracer('test').startSpan('request');
    const flow = context.with(trace.setSpan(context.active(), parent), () =>
      new OtelFlow('orders').begin(openTelemetry()),
    );
    const { traceId, spanId } = parent.spanContext();
    expect(flow.watch.traceparent()).toBe(`00-${traceId}-${spanId}-01`);
    flow.end();
  });
});

const providerOf = (tracer: unknown) => ({ getTracer: () => tracer }) as unknown as TracerProvider;

/** Runs a flow to its end, and gives the warnings. */
async function survives(observer: FlowObserver): Promise<string[]> {
  const told = warnings();
  const done: unknown[] = [];
  const flow = new OtelFlow('orders').begin(observer, () => void done.push('subscribed'));
  for (let index = 0; index < 3; index++) {
    await flow.work({ index }, () => void done.push(index));
    await flow.work({ index }, () => {
      throw new Error('of the item');
    });
  }
  flow.watch.traceparent();
  flow.end('failed', { reason: new Error('of the run') });
  expect(done).toEqual(['subscribed', 0, 1, 2]);
  return told;
}

describe('a provider of spans that throws', () => {
  const failing = new Error('full');
  const fail = () => {
    throw failing;
  };
  /** A span of which one member throws. */
  const spanWithout = (member: keyof Span) => {
    const { provider } = traced();
    return providerOf({
      startSpan: (name: string) => Object.assign(provider.getTracer('test').startSpan(name), { [member]: fail }),
    });
  };

  test.each([
    ['no tracer', () => ({ getTracer: fail })],
    ['no span', () => providerOf({ startSpan: fail })],
    ['no end', () => spanWithout('end')],
    ['no attributes', () => spanWithout('setAttributes')],
    ['no error', () => spanWithout('recordException')],
    ['no status', () => spanWithout('setStatus')],
  ])('does not hurt the flow and is told of once: %s', async (_, providerFor) => {
    expect(await survives(openTelemetry({ items: 1, tracerProvider: providerFor() }))).toEqual([
      'SLUICE_TELEMETRY: OpenTelemetry failed, and may lack some of flow "orders": full',
    ]);
  });

  test('is not asked for further spans of items, and the span of the run still ends', async () => {
    const { provider, spans } = traced();
    warnings();
    const tracer = provider.getTracer('test');
    let asked = 0;
    const tracerProvider = providerOf({
      startSpan: (name: string) => {
        if (asked++ === 0) return tracer.startSpan(name);
        throw failing;
      },
    });
    const flow = new OtelFlow('orders').begin(openTelemetry({ items: 1, tracerProvider }));
    for (let index = 0; index < 5; index++) await flow.work({ index }, () => {});
    flow.end();
    expect(asked).toBe(2);
    expect(spans().map(({ name }) => name)).toEqual(['run orders']);
  });
});
