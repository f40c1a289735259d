import { tap } from 'rxjs';
import { expect, test } from 'vitest';
import { fromIterable, run } from 'sluice';
import { parallel } from 'sluice/parallel';
import { openTelemetry } from '../../src/observe/openTelemetry.ts';
import { traced as task } from '../parallel/tasks/plain.task.ts';
import { OtelFlow } from './fixtures/otelFlow.ts';
import { metered, traced } from './fixtures/otelSdk.ts';

test('a task on a thread is told the span of its own item, as a traceparent', async () => {
  const { provider, spans, span } = traced();
  const headers: unknown[] = [];
  const flow = fromIterable([0, 1, 2, 3, 4, 5, 6, 7]).pipe(
    parallel(task, { threads: 2, order: 'input' }),
    tap((header) => headers.push(header)),
  );
  await run(flow, { name: 'orders', telemetry: openTelemetry({ items: 1, tracerProvider: provider }) }).done;
  const items = spans().filter(({ name }) => name === 'process traced');
  const { traceId } = span('run orders').spanContext();
  const expected = items
    .toSorted((a, b) => Number(a.attributes['sluice.item.index']) - Number(b.attributes['sluice.item.index']))
    .map((item) => `00-${traceId}-${item.spanContext().spanId}-01`);
  expect(headers).toEqual(expected);
  expect(new Set(headers).size).toBe(8);
});

test('what threads hold is measured, in their heaps and outside', async () => {
  const { provider, values } = metered();
  const figures = { busy: 1, time: 2, items: 1, restarts: 0, external: 9, heap: 2_048 };
  const flow = new OtelFlow('orders', { threads: [{ pool: 'p', thread: 0, state: 'idle', ...figures }] });
  flow.begin(openTelemetry({ meterProvider: provider }));
  expect(await values('sluice.thread.memory.external')).toEqual({ 'orders p 0': 9 });
  expect(await values('sluice.thread.memory.heap')).toEqual({ 'orders p 0': 2_048 });
  flow.end();
});
