import { lastValueFrom, tap, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { fromIterable, run, type FlowObserver } from 'sluice';
import { parallel } from 'sluice/parallel';
import { keepObjects, traced } from './tasks/plain.task.ts';

const header = (index: number): string => `00-${'a'.repeat(32)}-${String(index + 1).padStart(16, '0')}-01`;

/** Traces each item by its place. */
function observer(ends: string[] = []): FlowObserver {
  let current: string | undefined;
  return {
    begin: () => ({
      start: (subscribe) => subscribe(),
      around: ({ index }, begin) => {
        current = header(index);
        begin();
        current = undefined;
        return { failed: () => ends.push(`${index} failed`), ended: () => ends.push(`${index} ended`) };
      },
      traceparent: () => current,
      end: () => ends.push('end'),
    }),
  };
}

describe('a traced flow', () => {
  test('tells each task on a thread which trace its item belongs to', async () => {
    const seen: unknown[] = [];
    const ends: string[] = [];
    const flow = fromIterable([0, 1, 2, 3, 4]).pipe(
      parallel(traced, { threads: 2, order: 'input' }),
      tap((value) => seen.push(value)),
    );
    await run(flow, { telemetry: observer(ends) }).done;
    expect(seen).toEqual([0, 1, 2, 3, 4].map(header));
    expect(ends.toSorted()).toEqual(['0 ended', '1 ended', '2 ended', '3 ended', '4 ended', 'end']);
  });

  test('tells those that run inline as well', async () => {
    const seen = new Set<unknown>();
    const flow = fromIterable(Array.from({ length: 3_000 }, (_, i) => i)).pipe(
      parallel(traced, { threads: 1, inline: 'auto' }),
      tap((value) => seen.add(value)),
    );
    await run(flow, { telemetry: observer() }).done;
    expect(seen.size).toBe(3_000);
  });

  test('without telemetry there is no trace', async () => {
    const results = fromIterable([0, 1]).pipe(parallel(traced, { threads: 1 }), toArray());
    expect(await lastValueFrom(results)).toEqual([undefined, undefined]);
  });
});

describe('the threads of a run', () => {
  test('are in its report, with what they did', async () => {
    const flow = fromIterable([0, 1, 2, 3]).pipe(parallel(traced, { threads: 1, name: 'work' }));
    const report = await run(flow).done;
    expect(report.threads).toEqual([
      expect.objectContaining({ pool: 'threads', thread: 0, items: 4, restarts: 0 }) as unknown,
    ]);
    expect(report.threads[0]!.time).toBeGreaterThan(0);
    expect(report.stages.find(({ name }) => name === 'work')).toMatchObject({ pool: 'threads', concurrency: 1 });
  });

  test('say what they hold in their heaps', async () => {
    const flow = fromIterable([1_000_000]).pipe(parallel(keepObjects, { threads: 1 }));
    const { threads } = await run(flow).done;
    expect(threads[0]!.heap).toBeGreaterThan(16 * 2 ** 20);
  });
});
