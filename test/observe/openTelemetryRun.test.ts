import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { batch, forEach, fromIterable, keyed, run, workerPool } from 'sluice';
import { from, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { openTelemetry } from '../../src/observe/openTelemetry.ts';
import { metered, traced } from './fixtures/otelSdk.ts';

const activeId = () => trace.getActiveSpan()?.spanContext().spanId;

describe('run with the option telemetry', () => {
  test('has a span for the run and one for each item, whose own spans are below it', async () => {
    const { provider, spans, span } = traced();
    const client = provider.getTracer('client');
    const parent = client.startSpan('request');
    const report = await context.with(
      trace.setSpan(context.active(), parent),
      () =>
        run(
          fromIterable([0, 1, 2, 3]).pipe(
            workerPool(
              async (n: number) => {
                await sleep(4 - n);
                client.startSpan(`GET ${n}`).end();
                return n;
              },
              { name: 'fetch', concurrency: 4 },
            ),
          ),
          { name: 'orders', telemetry: openTelemetry({ items: 1, tracerProvider: provider }) },
        ).done,
    );
    expect(report.ended).toBe('completed');
    const flow = span('run orders');
    expect(flow.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(flow.attributes).toMatchObject({ 'sluice.flow.ended': 'completed', 'sluice.flow.results': 4 });
    const items = spans().filter(({ name }) => name === 'process fetch');
    expect(items).toHaveLength(4);
    for (const item of items) {
      expect(item.parentSpanContext?.spanId).toBe(flow.spanContext().spanId);
      const own = span(`GET ${String(item.attributes['sluice.item.index'])}`);
      expect(own.parentSpanContext?.spanId).toBe(item.spanContext().spanId);
    }
  });

  test('has the span of the run active in stage functions where items have none, whoever sends them', async () => {
    const { provider, span } = traced();
    const seen: unknown[] = [];
    const items = new Subject<number>();
    const started = run(
      items.pipe(
        workerPool(
          async () => {
            await sleep(1);
            seen.push(activeId());
          },
          { concurrency: 3 },
        ),
        forEach(() => void seen.push(activeId())),
      ),
      { name: 'orders', telemetry: openTelemetry({ tracerProvider: provider }) },
    );
    const other = trace.setSpan(context.active(), provider.getTracer('test').startSpan('other'));
    items.next(1);
    context.with(other, () => items.next(2));
    await context.with(other, () => sleep(1).then(() => items.next(3)));
    items.complete();
    await started.done;
    expect(seen).toEqual(Array.from({ length: 6 }, () => span('run orders').spanContext().spanId));
  });

  test('has a span for each batch, and one for each item of an inner Observable that is the item of its stage', async () => {
    const { provider, spans } = traced();
    const seen: unknown[] = [];
    await run(
      fromIterable([1, 2, 3, 4, 5]).pipe(
        batch({ size: 2 }),
        workerPool(
          (some: readonly number[]) => {
            seen.push(activeId());
            return from(some);
          },
          { name: 'store' },
        ),
        keyed(
          (n: number) => n % 2,
          (n) => n,
          { name: 'count' },
        ),
      ),
      { telemetry: openTelemetry({ items: 1, tracerProvider: provider }) },
    ).done;
    const batches = spans().filter(({ name }) => name === 'process store');
    expect(batches.map((item) => item.spanContext().spanId)).toEqual(seen);
    expect(batches).toHaveLength(3);
    expect(spans().filter(({ name }) => name === 'process count')).toHaveLength(5);
  });

  test('marks the item and the run that failed', async () => {
    const { provider, spans, span } = traced();
    const flow = fromIterable([0, 1, 2]).pipe(
      workerPool(
        async (n: number) => {
          await sleep(1);
          if (n === 1) throw new RangeError('one');
          return n;
        },
        { name: 'store' },
      ),
    );
    await expect(
      run(flow, { name: 'orders', telemetry: openTelemetry({ items: 1, tracerProvider: provider }) }).done,
    ).rejects.toThrow();
    expect(span('run orders').status).toMatchObject({ code: SpanStatusCode.ERROR });
    const items = spans().filter(({ name }) => name === 'process store');
    expect(items.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
    expect(items[1]!.events[0]?.attributes).toMatchObject({ 'exception.type': 'RangeError' });
  });

  test.each([
    ['thrown at once', 1, 0, ['ERROR', 'UNSET', 'UNSET']],
    ['after a while', 1, 1, ['UNSET', 'ERROR', 'UNSET']],
    ['of an item that has no span', 2, 1, ['UNSET', 'UNSET']],
  ] as const)('marks no other item: %s', async (how, items, failing, statuses) => {
    const { provider, spans } = traced();
    const fail = (n: number): number => {
      if (n === failing) throw new Error(`item ${n}`);
      return n;
    };
    const work = how === 'thrown at once' ? fail : async (n: number) => (await sleep(1), fail(n));
    const flow = fromIterable([0, 1, 2]).pipe(workerPool(work, { name: 'w', concurrency: 1, onError: 'skip' }));
    await run(flow, { telemetry: openTelemetry({ items, tracerProvider: provider }) }).done;
    const seen = spans().filter(({ name }) => name === 'process w');
    // In the order in which they ended: none is left open until the run ends.
    expect(seen.map(({ status }) => SpanStatusCode[status.code])).toEqual(statuses);
  });

  test('leaves no span open where the run is aborted', async () => {
    const { provider, spans, span } = traced();
    let allRun!: () => void;
    const running = new Promise<void>((resolve) => (allRun = resolve));
    let began = 0;
    const hang = (): Promise<void> => {
      if (++began === 3) allRun();
      return new Promise(() => {});
    };
    const started = run(fromIterable([0, 1, 2]).pipe(workerPool(hang, { name: 'hang', concurrency: 3 })), {
      name: 'orders',
      telemetry: openTelemetry({ items: 1, tracerProvider: provider }),
    });
    await running;
    started.abort(new Error('enough'));
    await started.done;
    expect(spans().filter(({ name }) => name === 'process hang')).toHaveLength(3);
    expect(span('run orders')).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'enough' },
      attributes: { 'sluice.flow.ended': 'aborted', 'sluice.flow.abandoned': 3 },
    });
  });

  test('has the counters of the report as metrics, of runs one after the other and at once', async () => {
    const { provider, values } = metered();
    const start = () =>
      run(
        fromIterable([0, 1, 2, 3, 4, 5]).pipe(
          workerPool(
            async (n: number) => {
              await sleep(1);
              if (n % 3 === 2) throw new Error('third');
              return n;
            },
            { name: 'store', onError: 'skip', concurrency: 2 },
          ),
        ),
        { name: 'orders', telemetry: openTelemetry({ meterProvider: provider }) },
      ).done;
    await start();
    await Promise.all([start(), start()]);
    expect(await values('sluice.stage.processed')).toEqual({ 'orders store completed': 12, 'orders store failed': 6 });
    expect(await values('sluice.stage.received')).toEqual({ 'orders store': 18 });
    expect(await values('sluice.flow.results')).toEqual({ orders: 12 });
    expect(await values('sluice.flow.runs')).toEqual({ 'orders completed': 3 });
    expect((await values('sluice.stage.duration'))['orders store 0.5']).toBeGreaterThan(0.0009);
  });
});

describe('run with the option context', () => {
  const user = new AsyncLocalStorage<string>();
  /** What a stage function sees for items that come from elsewhere, before and after it awaits. */
  async function seenWith(options: { context?: boolean }): Promise<unknown[]> {
    const items = new Subject<number>();
    const seen: unknown[] = [];
    const started = user.run('ann', () =>
      run(
        items.pipe(
          workerPool(async () => {
            seen.push(user.getStore());
            await sleep(1);
            seen.push(user.getStore());
          }),
        ),
        options,
      ),
    );
    user.run('bob', () => items.next(1));
    items.complete();
    await started.done;
    return seen;
  }

  test('shows stage functions what whoever called run sees, wherever items come from', async () => {
    expect(await seenWith({ context: true })).toEqual(['ann', 'ann']);
  });

  test('does nothing where it is false or left out', async () => {
    expect(await seenWith({ context: false })).toEqual(['bob', 'bob']);
    expect(await seenWith({})).toEqual(['bob', 'bob']);
  });

  test('goes together with spans', async () => {
    const { provider, spans } = traced();
    const items = new Subject<number>();
    const seen: unknown[] = [];
    const started = user.run('ann', () =>
      run(
        items.pipe(
          workerPool(async () => {
            await sleep(1);
            seen.push([user.getStore(), activeId()]);
          }),
        ),
        { context: true, telemetry: openTelemetry({ items: 1, tracerProvider: provider }) },
      ),
    );
    user.run('bob', () => items.next(1));
    items.complete();
    await started.done;
    expect(seen).toEqual([['ann', spans()[0]!.spanContext().spanId]]);
    expect(spans().map(({ attributes }) => attributes['sluice.item.index'])).toEqual([0, undefined]);
  });
});
