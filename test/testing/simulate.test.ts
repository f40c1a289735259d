import {
  asyncScheduler,
  filter,
  groupBy,
  map,
  mergeMap,
  of,
  pipe,
  repeat,
  tap,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import {
  batch,
  buffered,
  forEach,
  okOnly,
  operate,
  OverflowError,
  splitResults,
  workerPool,
  type Order,
  type Result,
} from 'sluice';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import {
  simulate,
  type MakeOperator,
  type SimulateOptions,
  type SimulationSummary,
} from '../../src/testing/simulate.ts';
import { SimulationError } from '../../src/testing/simulate/SimulationError.ts';
import { badCounts, badFunctions, badObjects, badWords, table, thrownBy } from '../operators/badOptions.ts';

/** How many schedules each operator has to stand; a longer search sets RUNS. */
const runs = Number(process.env['RUNS'] ?? 300);
const orders: readonly Order[] = ['completion', 'input'];

/** Every way in which a run can end has come up, so that nothing was passed over. */
function expectMuch({ runs: done, items, values, completed, unsubscribed, failed }: SimulationSummary): void {
  expect([done, completed + unsubscribed + failed]).toEqual([runs, runs]);
  expect(Math.min(items, values, completed, unsubscribed, failed)).toBeGreaterThan(0);
}

describe('R-24: a simulated workerPool keeps its bound, its limit and its order, and loses nothing', () => {
  const cases = orders.flatMap((order) =>
    (['stop', 'skip', 'emit', 'deadLetter'] as const).map((onError) => ({ order, onError })),
  );

  test.each(cases)('in $order order, with onError: $onError', async ({ order, onError }) => {
    const made = simulate(
      (fn, { deadLetter }) =>
        workerPool(fn, {
          concurrency: 3,
          order,
          onError: (onError === 'deadLetter' ? { deadLetter } : onError) as 'skip',
        }),
      { bound: 9, concurrency: 3, order, onError, runs },
    );
    expectMuch(await made);
  });

  test.each([
    { concurrency: 1, capacity: 0 },
    { concurrency: 1, capacity: 3 },
    { concurrency: 2, capacity: 1 },
    { concurrency: Infinity, capacity: Infinity },
  ])('with concurrency $concurrency and capacity $capacity', async ({ concurrency, capacity }) => {
    for (const order of orders) {
      const options = { concurrency, order, bound: concurrency + capacity, runs };
      expectMuch(await simulate((fn) => workerPool(fn, { concurrency, capacity, order }), options));
    }
  });

  test.each(orders)('in %s order, with a limit that changes', async (order) => {
    const onError = 'skip';
    const made = simulate((fn, { limits }) => workerPool(fn, { concurrency: limits, capacity: 2, order, onError }), {
      concurrency: 2,
      bound: (limit) => limit + 2,
      order,
      onError,
      runs,
    });
    expectMuch(await made);
  });
});

describe('simulated operators keep what they promise:', () => {
  test('buffered holds its source back', async () => {
    expectMuch(await simulate(() => buffered({ capacity: 3 }), { bound: 3, order: 'input', runs }));
  });

  test.each(['dropOldest', 'dropNewest'] as const)(
    'buffered gives items up, and tells of each: %s',
    async (overflow) => {
      const options: SimulateOptions = { bound: 2, order: 'input', drops: true, runs };
      expectMuch(await simulate((_, { onDrop }) => buffered({ capacity: 2, overflow, onDrop }), options));
    },
  );

  test('buffered keeps the latest, and counts the others', async () => {
    expectMuch(await simulate(() => buffered({ overflow: 'latest' }), { order: 'input', drops: true, runs }));
  });

  test('buffered merges, so that every item is in what comes out', async () => {
    expectMuch(
      await simulate(() => buffered<unknown>({ capacity: 2, overflow: { merge: both } }), { order: 'input', runs }),
    );
  });

  test('buffered fails with an error of its own', async () => {
    expectMuch(
      await simulate(() => buffered({ capacity: 2, overflow: 'fail' }), { order: 'input', mayFail: isOverflow, runs }),
    );
  });

  test('batch makes full batches, and one of the rest', async () => {
    expectMuch(
      await simulate(() => batch({ size: 3 }), { bound: 3, order: 'input', keeps: true, expected: inThrees, runs }),
    );
  });

  test('batch sends what has waited, and leaves no timer behind', async () => {
    expectMuch(await simulate(() => batch({ size: 3, wait: 4 }), { bound: 3, order: 'input', keeps: true, runs }));
  });

  test.each(['stop', 'skip', 'deadLetter'] as const)('forEach gives nothing out, with onError: %s', async (onError) => {
    const { items, values, completed } = await simulate(
      (fn, { deadLetter }) =>
        forEach(fn, {
          concurrency: 2,
          capacity: 2,
          onError: (onError === 'deadLetter' ? { deadLetter } : onError) as 'skip',
        }),
      { bound: 4, concurrency: 2, discards: true, onError, runs },
    );
    expect(values).toBe(0);
    expect(Math.min(items, completed)).toBeGreaterThan(runs / 10);
  });

  test('okOnly holds nothing', async () => {
    const results = map((value: number): Result<number> => ({ ok: true, value }));
    expectMuch(await simulate(() => pipe(results, okOnly()), { bound: 0, order: 'input', runs }));
  });

  test('splitResults loses neither values nor failures', async () => {
    const made = simulate(
      (fn) =>
        pipe(
          workerPool(fn, { concurrency: 2, onError: 'emit' }),
          splitResults(
            (values$) => values$,
            (failures$) => failures$.pipe(map(({ item }) => `${item} failed`)),
          ),
        ),
      { bound: 7, concurrency: 2, order: 'none', onError: 'emit', chain: true, runs },
    );
    expectMuch(await made);
  });

  test('items of one key begin one after the other', async () => {
    const options: SimulateOptions = {
      concurrency: 4,
      key: (n) => n % 2,
      chain: true,
      onError: 'skip',
      order: 'none',
      runs,
    };
    expectMuch(await simulate(perKey(1), options));
    await expect(simulate(perKey(2), options)).rejects.toThrow(
      'simulate(): concurrency: 2 items of one key run, where 1 may',
    );
  });

  test('a chain of stages and stock operators', async () => {
    const made = simulate(
      (fn) =>
        pipe(
          buffered<number>({ capacity: 2 }),
          filter(() => true),
          workerPool(fn, { concurrency: 2, order: 'input', onError: 'skip' }),
          tap(() => {}),
          buffered({ capacity: 1 }),
        ),
      { bound: 9, concurrency: 2, order: 'input', onError: 'skip', chain: true, runs },
    );
    expectMuch(await made);
  });
});

/** Sends something after its end. */
const rude = () =>
  operate<number, number>(({ out }) => ({
    next: (n) => out.next(n),
    complete() {
      out.complete();
      out.next(-1);
    },
  }));

test('R-02: finds an operator that sends something after its end', async () => {
  await expect(simulate(rude, { bound: 0, order: 'input', runs })).rejects.toThrow(
    'simulate(): grammar: -1 after the flow completed',
  );
});

describe('simulate', () => {
  afterEach(() => {
    vi.doUnmock('fast-check');
    vi.resetModules();
  });

  test('tries the same schedules for the same seed, and says which seed it was', async () => {
    const options = { bound: 3, order: 'input', runs: 50 } as const;
    const first = await simulate(() => buffered({ capacity: 3 }), options);
    expect(await simulate(() => buffered({ capacity: 3 }), { ...options, seed: first.seed })).toEqual(first);
  });

  test('fails with the smallest schedule it finds, line by line, and how to repeat it', async () => {
    const error: unknown = await simulate(leaky, { order: 'input', seed: 7 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SimulationError);
    const { message, invariant, code, seed, path, steps } = error as SimulationError;
    expect([invariant, code, seed]).toEqual(['conservation', 'ERR_SIMULATION_FAILED', 7]);
    expect(
      message
        .split('\n')
        .map((line) => line.replace(/path: '[\d:]+'/, "path: '…'").replace(/schedule \d+/, 'schedule …')),
    ).toEqual([
      'simulate(): conservation: item 3 leaves, and never arrived',
      'Found by schedule …, and shrunk to this (frame, event):',
      '     0  subscribed to a sync source of 3 items',
      '     0  item 0 is sent',
      '     0  0 comes out',
      '     0  item 1 is sent',
      '     0  1 comes out',
      '     0  item 2 is sent',
      '     0  3 comes out',
      '     0  ✗ conservation: item 3 leaves, and never arrived',
      "To repeat it: simulate(..., { seed: 7, path: '…' })",
    ]);
    const again: unknown = await simulate(leaky, { order: 'input', seed, path }).catch((thrown: unknown) => thrown);
    expect((again as SimulationError).steps).toEqual(steps);
  });

  test('bounds what it prints, however long the schedule is', async () => {
    const failAt = 36;
    const make = () => map((n: number) => (n === failAt ? -1 : n));
    const error: unknown = await simulate(make, { bound: 0, items: 40, order: 'none', seed: 1 }).catch(
      (e: unknown) => e,
    );
    const lines = (error as SimulationError).message.split('\n');
    expect(lines.length).toBeLessThan(70);
    expect(lines.some((line) => /\(\d+ more\)/.test(line))).toBe(true);
  });

  test('finds an operator that depends on something besides the schedule', async () => {
    let calls = 0;
    const make = () => map((n: number) => (++calls === 40 ? -1 : n));
    await expect(simulate(make, { order: 'none', bound: 0 })).rejects.toThrow('depends on something besides it');
  });

  test('finds an operator that gives out values without end', async () => {
    await expect(simulate(endless, { runs: 10 })).rejects.toThrow(SimulationError);
  });

  test('says which package is missing', async () => {
    vi.resetModules();
    vi.doMock('fast-check', () => {
      throw new Error('Cannot find package');
    });
    const { simulate: fresh } = await import('../../src/testing/simulate.ts');
    await expect(fresh(() => buffered({ capacity: 1 }))).rejects.toThrow('needs the package "fast-check"');
  });

  test('gives the scheduler and the hooks back, also when it fails, and calls wait for each other', async () => {
    const before = { schedule: asyncScheduler.schedule, now: asyncScheduler.now, ...hooks };
    const calls = [
      simulate(leaky, { runs: 100, order: 'input' }),
      simulate(() => batch({ size: 2 }), { keeps: true, runs: 20 }),
    ];
    const [failed, passed] = await Promise.allSettled(calls);
    expect([failed!.status, passed!.status]).toEqual(['rejected', 'fulfilled']);
    expect({ schedule: asyncScheduler.schedule, now: asyncScheduler.now, ...hooks }).toEqual(before);
    expect(Object.hasOwn(asyncScheduler, 'schedule')).toBe(false);
  });

  const bad = table({
    bound: badCounts(0, true).filter(([value]) => typeof value !== 'function'),
    concurrency: badCounts(1, true),
    perKey: badCounts(1, true),
    key: badFunctions,
    contents: badFunctions,
    expected: badFunctions,
    mayFail: badFunctions,
    order: badWords('random'),
    onError: badWords('retry'),
    runs: badCounts(1, false),
    items: badCounts(1, false),
  });
  test.each(bad)('refuses $option: $shown', ({ option, bad: [value, type, code] }) => {
    const error = thrownBy(() => simulate(() => buffered({ capacity: 1 }), { [option]: value }));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, option, received: value });
  });

  test.each([
    ['sources', []],
    ['sources', ['cold']],
    ['tasks', 'value'],
    ['seed', 1.5],
    ['path', '1:2'],
    ['items', 101],
  ])('refuses a %s of %j', (option, value) => {
    expect(() => void simulate(() => buffered({ capacity: 1 }), { [option]: value })).toThrow(
      `simulate(): "${option}" must be`,
    );
  });

  test('refuses what makes no operator, and what is no function', () => {
    expect(() => void simulate((() => 1) as never)).toThrow('simulate(): "make" must');
    expect(() => void simulate(undefined as never)).toThrow('simulate(): "make" must');
    for (const [value, type] of badObjects) expect(() => void simulate(leaky, value as never)).toThrow(type);
  });

  test('infers', () => {
    expectTypeOf(simulate).returns.resolves.toEqualTypeOf<SimulationSummary>();
    // @ts-expect-error items are numbers
    void (() => simulate(() => map((text: string) => text.length)));
  });
});

function inThrees(items: readonly number[]): number[][] {
  const chunks: number[][] = [];
  for (let i = 0; i < items.length; i += 3) chunks.push(items.slice(i, i + 3));
  return chunks;
}

function both(held: unknown, next: unknown): unknown[] {
  return [held, next].flat();
}

function isOverflow(error: unknown): boolean {
  return error instanceof OverflowError;
}

/** A pool for odd and one for even items; behind them a buffer, since two that are merged may give values one inside the other. */
const perKey =
  (concurrency: number): MakeOperator =>
  (fn) =>
    pipe(
      groupBy((n: number) => n % 2),
      mergeMap((group$) => group$.pipe(workerPool(fn, { concurrency, onError: 'skip' }))),
      buffered({ capacity: 1 }),
    );

/** Makes 3 of 2. */
function leaky(): MonoTypeOperatorFunction<number> {
  return map((n) => (n === 2 ? 3 : n));
}

/** Gives its items for ever. */
function endless(): MonoTypeOperatorFunction<number> {
  return mergeMap((n) => of(n).pipe(repeat()));
}
