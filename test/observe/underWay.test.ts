import { NEVER, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FlowView } from '../../src/observe/FlowView.ts';
import { prometheus } from '../../src/observe/inspector/prometheus.ts';
import { ShownFlow } from '../../src/observe/inspector/ShownFlow.ts';
import { run } from '../../src/observe/run.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { parallel } from '../../src/parallel/parallel.ts';
import { ThreadPool } from '../../src/parallel/ThreadPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { wait } from '../parallel/tasks/plain.task.ts';

function* naturals() {
  for (let n = 0; ; n++) yield n;
}

/** A fast source above a stage that has begun its first item, and ends it when it is told. */
function stuck() {
  const end = new Subject<number>();
  const store = workerPool((n: number) => (n === 0 ? end : NEVER), { name: 'store', concurrency: 1 });
  const running = run(fromIterable(naturals).pipe(store));
  const stages = () => Object.fromEntries(running.stats().stages.map((stage) => [stage.name, stage]));
  return { end, running, stages, view: running as unknown as FlowView };
}

describe('while the first item is under way', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(1000);
  });
  afterEach(() => void vi.useRealTimers());

  test('its stage is at work, and the source is held back', async () => {
    const { running, stages } = stuck();
    vi.advanceTimersByTime(30_000);
    const { fromIterable: source, store } = stages();
    expect(store).toMatchObject({ busy: 30_000, heldBack: 0, idle: 0, used: 1, concurrency: 1 });
    expect(source!.heldBack).toBeCloseTo(30_000, 0);
    expect(source!.idle).toBeCloseTo(0, 0);
    running.abort();
    await running.done;
  });

  test('that stage is the bottleneck', async () => {
    const { running, view } = stuck();
    vi.advanceTimersByTime(30_000);
    expect(view.diagnose(view.stats()).bottleneck).toEqual({
      name: 'store',
      why: 'it was at work 100 % of the time and held back 0 %, while "fromIterable" above it was held back 100 %',
    });
    running.abort();
    expect((await running.done).bottleneck?.name).toBe('store');
  });

  test('no counter of its times falls, neither when it ends nor when it is given up', async () => {
    const { end, running, stages } = stuck();
    const seen: number[][] = [];
    const look = () => {
      const { fromIterable: source, store } = stages();
      seen.push([store!, source!].flatMap(({ busy, heldBack, idle }) => [busy, heldBack, idle]));
    };
    look();
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(10_000);
      look();
      if (i === 1) end.next(1);
      look();
    }
    end.complete();
    look();
    running.abort();
    await running.done;
    look();
    const falls = seen.slice(1).flatMap((row, i) => row.filter((value, column) => value < seen[i]![column]! - 0.01));
    expect(falls).toEqual([]);
    expect(seen.at(-1)![0]).toBeCloseTo(40_000, 0);
  });

  test('Prometheus is told that it is at work', async () => {
    const { running, view } = stuck();
    const shown = new ShownFlow(1, 'flow', view);
    vi.advanceTimersByTime(5000);
    shown.look();
    expect(prometheus([shown])).toContain('sluice_stage_busy_seconds_total{flow="flow",stage="store"} 5\n');
    expect(prometheus([shown])).toContain('sluice_stage_idle_seconds_total{flow="flow",stage="store"} 0\n');
    running.abort();
    await running.done;
  });
});

describe('while the first item is under way in a thread', () => {
  test('its stage is at work', async () => {
    const pool = new ThreadPool({ threads: 1 });
    const items = [1, 2, 3].map((n) => ({ ms: 60_000, n }));
    const running = run(fromIterable(items).pipe(parallel(wait, { name: 'resize', threads: pool })));
    const resize = () => running.stats().stages[1]!;
    await vi.waitFor(() => expect(resize().busy).toBeGreaterThan(100), { timeout: 30_000, interval: 20 });
    expect(resize()).toMatchObject({ completed: 0, concurrency: 1 });
    running.abort();
    // It is not forgotten when it is given up.
    expect((await running.done).stages[1]!.busy).toBeGreaterThan(100);
    await pool.close();
  });
});
