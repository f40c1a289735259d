import { Subject, lastValueFrom, tap, toArray } from 'rxjs';
import { afterAll, expect, test } from 'vitest';
import { run } from 'sluice';
import { parallel, ThreadPool } from 'sluice/parallel';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { Probe } from './Probe.ts';
import { BEGUN, makeCells, openCells } from './tasks/cells.ts';
import { double, spinWhere, where } from './tasks/plain.task.ts';
import { until } from './until.ts';

/** What tasks are told of the main thread. */
const MAIN = -1;

const pool = new ThreadPool({ threads: 2 });
afterAll(() => pool.close());

const key = (n: number): number => n % 2;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('items that cost less than the way to a thread run on the main thread, and the report says how many', async () => {
  const values: number[] = [];
  const doubled = fromIterable(numbers(20_000)).pipe(
    parallel(double, { threads: pool, inline: 'auto', order: 'input', name: 'doubling' }),
    toArray(),
  );
  const flow = run(doubled);
  const report = await flow.done;
  const note = report.stages.find(({ name }) => name === 'doubling')?.note;
  expect(note).toMatch(/^ran \d+ of 20000 items on the main thread/);
  values.push(...(await lastValueFrom(doubled)));
  expect(values).toEqual(numbers(20_000).map((n) => n * 2));
});

test('a thread takes over when the work grows, whichever of the items it is that grow', async () => {
  const source = new Subject<number>();
  const probe = new Probe<number>().subscribe(
    source.pipe(parallel(spinWhere, { threads: pool, inline: 'auto', overflowLimit: Infinity })),
  );
  const send = async (items: readonly number[]): Promise<readonly number[]> => {
    const before = probe.values.length;
    for (const ms of items) source.next(ms);
    await until(() => probe.values.length === before + items.length);
    return probe.values.slice(before);
  };
  while ((await send(numbers(1_000).fill(0))).at(-1) !== MAIN);
  let threads: readonly number[] = [];
  // As many as are delivered together, of which the first one never grows.
  for (let round = 0; round < 50 && threads.every((thread) => thread === MAIN); round++) {
    threads = await send(numbers(16).map((n) => n % 2));
  }
  expect(Math.max(...threads)).toBeGreaterThan(MAIN);
  source.complete();
  await probe.untilEnded();
});

test('the event loop has its turns although the source always has another item, and few may be in line', async () => {
  const count = 100_000;
  let turns = 0;
  let left = count;
  const atTurn: number[] = [];
  const turn = (): void => {
    turns++;
    if (left > 0) setImmediate(turn);
  };
  turn();
  await lastValueFrom(
    fromIterable(numbers(count).fill(0)).pipe(
      parallel(spinWhere, { threads: pool, inline: 'auto', concurrency: 4 }),
      tap((thread) => {
        left--;
        if (thread === MAIN) atTurn.push(turns);
      }),
    ),
  );
  expect(atTurn.at(-1)! - atTurn[0]!).toBeGreaterThan(2);
});

test('is refused together with key: one key would have two states, and items of it would overtake each other', () => {
  expect(thrownBy(() => parallel(double, { inline: 'auto', key }))).toMatchObject({
    name: 'TypeError',
    option: 'inline',
    received: 'auto',
    message: expect.stringContaining('"key"') as unknown,
  });
  expect(() => parallel(double, { inline: false, key })).not.toThrow();
});

test('W1 an item that has ended a thread is tried again on a thread, where it cannot end the program', async () => {
  const cells = makeCells();
  const source = new Subject<{ cells: Int32Array; n: number; held: boolean }>();
  const probe = new Probe<{ n: number; thread: number; attempt: number }>().subscribe(
    source.pipe(parallel(where, { threads: pool, inline: 'auto', overflowLimit: Infinity })),
  );
  source.next({ cells, n: 0, held: true });
  await until(() => cells[BEGUN] === 1);
  const sendSome = (): void => {
    for (let n = 1; n <= 1_000; n++) source.next({ cells, n, held: false });
  };
  while (probe.values.at(-1)?.thread !== -1) {
    const due = probe.values.length + 1_000;
    sendSome();
    await until(() => probe.values.length === due);
  }
  openCells(cells);
  await until(() => probe.values.some(({ n }) => n === 0));
  expect(probe.values.find(({ n }) => n === 0)).toMatchObject({ attempt: 2, thread: expect.any(Number) as unknown });
  expect(probe.values.find(({ n }) => n === 0)?.thread).toBeGreaterThanOrEqual(0);
  // Those that come after it are for the main thread again, once they have been measured.
  const before = probe.values.length;
  sendSome();
  await until(() => probe.values.length === before + 1_000);
  source.complete();
  await probe.untilEnded();
  expect(probe.ended).toBe('completed');
});
