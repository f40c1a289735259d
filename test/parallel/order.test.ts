import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parallel, ThreadPool } from 'sluice/parallel';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { ProbeSource } from '../../src/testing/ProbeSource.ts';
import { TestFlow } from '../core/TestFlow.ts';
import { Probe } from './Probe.ts';
import { makeCells } from './tasks/cells.ts';
import { evenOnly, wait } from './tasks/plain.task.ts';
import { generatedLater } from './tasks/values.task.ts';
import { until } from './until.ts';

/** Warm for all runs. */
const pool = new ThreadPool({ threads: 3 });
afterAll(() => pool.close());

const order = fc.constantFrom('completion' as const, 'input' as const);
const maxBatch = fc.constantFrom(1, 2, 5, 512);
const concurrency = fc.constantFrom(1, 2, 7, Infinity);
const capacity = fc.constantFrom(undefined, 0, 1, 10);
/** After how many values the gate closes, over and over; 0 for never. */
const closesAfter = fc.constantFrom(0, 0, 1, 2, 5, 13);
/** Milliseconds; most take none. */
const durations = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 1, 3), { maxLength: 80 });

/** A probe in a flow, whose gate closes after so many values and opens a moment later. */
function gatedProbe<T>(flow: TestFlow, count: number): Probe<T> {
  const probe = new Probe<T>(flow);
  probe.onNext = () => {
    flow.check();
    if (count === 0 || probe.values.length % count !== 0) return;
    probe.close();
    setTimeout(() => probe.open(), 0);
  };
  return probe;
}

describe('whatever the items take, and wherever the gate closes', () => {
  test('R-24: every result leaves once, in the order promised, and every item is counted once at every step', async () => {
    const options = fc.record({ order, maxBatch, concurrency, capacity });
    await fc.assert(
      fc.asyncProperty(durations, options, closesAfter, async (given, settings, count) => {
        const flow = new TestFlow();
        const items = given.map((ms, n) => ({ ms, n }));
        const probe = gatedProbe<number>(flow, count);
        await probe.subscribe(fromIterable(items).pipe(parallel(wait, { threads: pool, ...settings }))).untilEnded();
        const expected = items.map(({ n }) => n);
        expect(probe.ended).toBe('completed');
        expect(settings.order === 'input' ? probe.values : probe.values.toSorted((a, b) => a - b)).toEqual(expected);
        expect(flow.node('wait').telemetry).toMatchObject({
          in: items.length,
          out: items.length,
          completed: items.length,
          failed: 0,
          abandoned: 0,
        });
        expect([flow.live.size, flow.node('wait').held]).toEqual([0, 0]);
      }),
      { numRuns: 120 },
    );
  }, 60_000);

  test('R-24: so with items that fail and are skipped', async () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(numbers, fc.record({ order, maxBatch }), closesAfter, async (items, settings, count) => {
        const flow = new TestFlow();
        const probe = gatedProbe<number>(flow, count);
        const work = parallel(evenOnly, { threads: pool, onError: 'skip', ...settings });
        await probe.subscribe(fromIterable(items).pipe(work)).untilEnded();
        const expected = items.filter((n) => n % 2 === 0);
        const sorted = (values: readonly number[]): number[] =>
          settings.order === 'input' ? [...values] : values.toSorted((a, b) => a - b);
        expect(sorted(probe.values)).toEqual(sorted(expected));
        expect(flow.node('evenOnly').telemetry).toMatchObject({
          in: items.length,
          completed: expected.length,
          failed: items.length - expected.length,
        });
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('R-24: so with items that give many values', async () => {
    const counts = fc.array(fc.constantFrom(0, 1, 2, 15, 70, 200), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(counts, order, closesAfter, async (given, settings, count) => {
        const flow = new TestFlow();
        const probe = gatedProbe<number>(flow, count);
        const wishes = given.map((it) => ({ count: it, cells: makeCells() }));
        const work = parallel(generatedLater, { threads: pool, order: settings });
        await probe.subscribe(fromIterable(wishes).pipe(work)).untilEnded();
        const expected = given.flatMap((it) => Array.from({ length: it }, (_, n) => n));
        const values = settings === 'input' ? probe.values : probe.values.toSorted((a, b) => a - b);
        expect(values).toEqual(settings === 'input' ? expected : expected.toSorted((a, b) => a - b));
        expect(flow.node('generatedLater').telemetry).toMatchObject({ in: given.length, completed: given.length });
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('R-40: unsubscribed anywhere: nothing comes after it, and what was inside counts as abandoned', async () => {
    await fc.assert(
      fc.asyncProperty(durations, order, fc.integer({ min: 1, max: 40 }), async (given, settings, at) => {
        const flow = new TestFlow();
        const source = new ProbeSource(given.map((ms, n) => ({ ms, n })));
        const probe = new Probe<number>(flow);
        let after = 0;
        probe.onNext = () => {
          if (probe.isClosed) after++;
          else if (probe.values.length === at) probe.unsubscribe();
        };
        probe.subscribe(source.items$.pipe(parallel(wait, { threads: pool, order: settings })));
        await until(() => probe.ended !== undefined || probe.isClosed);
        // The threads have let go by then.
        await Promise.all(flow.released);
        expect(after).toBe(0);
        expect(probe.values.length).toBe(Math.min(at, given.length));
        const { in: arrived, completed, abandoned } = flow.node('wait').telemetry;
        expect(completed + abandoned).toBe(arrived);
        expect([source.isSubscribed, flow.live.size]).toEqual([false, 0]);
      }),
      { numRuns: 60 },
    );
    expect(pool.restarts).toBe(0);
  }, 60_000);
});
