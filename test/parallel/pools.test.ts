import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { EMPTY, Subject, lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parallel, ThreadPool, type ParallelOptions } from 'sluice/parallel';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { noLeaks } from '../../src/testing/noLeaks.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { warnings } from './faults/warnings.ts';
import { Probe } from './Probe.ts';
import { BEGUN, makeCells, MADE, openCells } from './tasks/cells.ts';
import { remember } from './tasks/keyed.task.ts';
import { countCalls, double, environment, hold, told } from './tasks/plain.task.ts';
import { quiet, until } from './until.ts';

const signals = (): number[] => ['SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name));
const signalsBefore = signals();

const open = new Set<ThreadPool>();
/** A pool that ends with its test. */
function makePool(...args: ConstructorParameters<typeof ThreadPool>): ThreadPool {
  const pool = new ThreadPool(...args);
  open.add(pool);
  return pool;
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...open].map((pool) => pool.close()));
  open.clear();
});

const all = <T>(results$: Observable<T>): Promise<T[]> => lastValueFrom(results$.pipe(toArray()));
const held = (count: number, cells: Int32Array): Observable<{ cells: Int32Array; n: number }> =>
  fromIterable(Array.from({ length: count }, (_, n) => ({ cells, n })));

describe('ThreadPool', () => {
  test('R-01: starts no thread before there is work, and no more than there is work for', async () => {
    const pool = makePool({ threads: 3 });
    expect([pool.size, pool.running, pool.restarts]).toEqual([3, 0, 0]);
    await all(of(1).pipe(parallel(double, { threads: pool })));
    expect(pool.running).toBe(1);
    const cells = makeCells();
    const probe = new Probe<number>().subscribe(held(3, cells).pipe(parallel(hold, { threads: pool })));
    await until(() => cells[BEGUN] === 3);
    expect(pool.running).toBe(3);
    openCells(cells);
    await probe.untilEnded();
  });

  test('keeps its threads from one flow to the next', async () => {
    const pool = makePool({ threads: 1 });
    const calls = [];
    for (let i = 0; i < 3; i++) calls.push(...(await all(of(0).pipe(parallel(countCalls, { threads: pool })))));
    expect([calls, pool.restarts]).toEqual([[1, 2, 3], 0]);
  });

  test('stages take turns: one with much work does not keep another from the threads', async () => {
    const pool = makePool({ threads: 1 });
    const cells = makeCells(true);
    const busy = new Probe<number>().subscribe(held(20_000, cells).pipe(parallel(hold, { threads: pool })));
    await until(() => cells[MADE]! > 0);
    expect(await all(of(1).pipe(parallel(double, { threads: pool })))).toEqual([2]);
    expect(busy.ended).toBeUndefined();
    busy.unsubscribe();
  });

  test('ends threads that have nothing to do, and starts others when there is work', async () => {
    const pool = makePool({ threads: 2, idleTimeout: 20 });
    const source = new Subject<number>();
    const probe = new Probe<number>().subscribe(source.pipe(parallel(double, { threads: pool })));
    source.next(1);
    await until(() => probe.values.length === 1);
    await until(() => pool.running === 0, 'the thread to end');
    source.next(2);
    await until(() => probe.values.length === 2);
    source.complete();
    await probe.untilEnded();
    expect([probe.values, pool.restarts]).toEqual([[2, 4], 0]);
  });

  test('does not end a thread that may keep something for a key, while its stage is there', async () => {
    const pool = makePool({ threads: 1, idleTimeout: 20 });
    const source = new Subject<{ key: string; n: number }>();
    const probe = new Probe<{ seen: number[] }>().subscribe(
      source.pipe(parallel(remember, { threads: pool, key: ({ key }) => key })),
    );
    source.next({ key: 'a', n: 0 });
    await until(() => probe.values.length === 1);
    await new Promise((resolve) => void setTimeout(resolve, 150));
    expect(pool.running).toBe(1);
    source.next({ key: 'a', n: 1 });
    await until(() => probe.values.length === 2);
    expect(probe.values[1]?.seen).toEqual([0]);
    source.complete();
    await until(() => pool.running === 0, 'the thread to end');
  });

  test('close ends the threads, once, and what uses them fails', async () => {
    const pool = makePool({ threads: 2 });
    const cells = makeCells();
    const using = new Probe<number>().subscribe(held(2, cells).pipe(parallel(hold, { threads: pool, name: 'user' })));
    await until(() => cells[BEGUN] === 2);
    const closed = pool.close();
    expect(using.ended).toBe('failed');
    expect(using.error).toBeInstanceOf(Error);
    expect((using.error as Error).message).toContain('user');
    await closed;
    await pool.close();
    expect([pool.running, pool.restarts]).toEqual([0, 0]);
  });

  test('close of a pool that was never used', async () => {
    const pool = makePool({ threads: 2 });
    await pool.close();
    expect(pool.running).toBe(0);
  });

  test('a stage that is subscribed on a closed pool fails, and does not wait for ever', async () => {
    const pool = makePool({ threads: 1 });
    await pool.close();
    const probe = new Probe<number>().subscribe(of(1).pipe(parallel(double, { threads: pool })));
    await quiet();
    expect(probe.ended).toBe('failed');
    expect(probe.error).toBeInstanceOf(Error);
    expect((probe.error as Error).message).toContain('closed');
  });

  test('R-32: a flow of two stages that it fails has one error, and a stage that has ended none', async () => {
    const heard = warnings();
    const pool = makePool({ threads: 1 });
    const probe = new Probe<number>().subscribe(
      new Subject<number>().pipe(parallel(double, { threads: pool }), parallel(double, { threads: pool })),
    );
    await pool.close();
    expect(probe.error).toMatchObject({ code: 'ERR_THREAD_POOL_CLOSED' });
    const empty = new Probe<number>().subscribe(EMPTY.pipe(parallel(double, { threads: pool })));
    expect(empty.ended).toBe('completed');
    await quiet();
    heard.stop();
    expect(heard.codes).toEqual([]);
  });

  test('R-55: leaves nothing behind', async () => {
    await noLeaks(async () => {
      const pool = new ThreadPool({ threads: 2 });
      await all(of(1, 2, 3, 4).pipe(parallel(double, { threads: pool })));
      await pool.close();
    });
  });

  test('R-62: adds no listener of signals', async () => {
    await all(of(1).pipe(parallel(double, { threads: makePool({ threads: 1 }) })));
    expect(signals()).toEqual(signalsBefore);
  });

  test('R-57: a pool that nobody closes does not keep the process alive', async () => {
    const script = `
      import { of } from 'rxjs';
      import { parallel, ThreadPool } from './src/parallel.ts';
      import { double } from './test/parallel/tasks/plain.task.ts';
      const pool = new ThreadPool({ threads: 1, idleTimeout: 1e9 });
      of(1, 2).pipe(parallel(double, { threads: pool, order: 'input' })).subscribe({ next: console.log, complete: () => console.log('done') });
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    expect(stdout).toBe('2\n4\ndone\n');
  });
});

describe('ThreadPool.resize', () => {
  test('more threads take part in what waits', async () => {
    const pool = makePool({ threads: 1 });
    const cells = makeCells();
    const probe = new Probe<number>().subscribe(held(6, cells).pipe(parallel(hold, { threads: pool, maxBatch: 1 })));
    await until(() => cells[BEGUN] === 1);
    pool.resize(3);
    expect(pool.size).toBe(3);
    await until(() => cells[BEGUN] === 3);
    openCells(cells);
    expect((await probe.untilEnded()).values.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('with fewer, surplus threads finish what they have in hand, and end', async () => {
    const pool = makePool({ threads: 3 });
    const cells = makeCells();
    const probe = new Probe<number>().subscribe(held(20, cells).pipe(parallel(hold, { threads: pool })));
    await until(() => cells[BEGUN] === 3);
    pool.resize(1);
    expect([pool.size, pool.running]).toEqual([1, 3]);
    openCells(cells);
    await probe.untilEnded();
    expect(probe.values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await until(() => pool.running === 1);
    expect([cells[BEGUN], pool.restarts]).toEqual([20, 0]);
    const seen = await all(of(1, 2, 3).pipe(parallel(told, { threads: pool })));
    expect(new Set(seen.map(({ thread }) => thread))).toEqual(new Set([0]));
  });

  test('up and down while items come: nothing is lost', async () => {
    const pool = makePool({ threads: 2 });
    const cells = makeCells(true);
    const probe = new Probe<number>();
    probe.onNext = () => {
      if (probe.values.length % 400 === 0) pool.resize(1 + ((probe.values.length / 400) % 3));
    };
    probe.subscribe(held(2_000, cells).pipe(parallel(hold, { threads: pool, order: 'input' })));
    await probe.untilEnded();
    expect([probe.values.length, cells[BEGUN], probe.ended]).toEqual([2_000, 2_000, 'completed']);
    expect(probe.values).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
  });

  test.each([0, -1, 1.5, NaN, 257, '2', null])('refuses %s, and stays as it is', (threads) => {
    const pool = makePool({ threads: 2 });
    expect(thrownBy(() => pool.resize(threads as number))).toMatchObject({ option: 'threads' });
    expect(pool.size).toBe(2);
  });
});

/** How often the task has been called on the thread of these options. */
const calls = (options: ParallelOptions<number>): Promise<number[]> => all(of(0).pipe(parallel(countCalls, options)));

describe('the threads of stages that are given no pool', () => {
  test('are shared by stages of the same settings, and end with the last of them', async () => {
    const same: ParallelOptions<number> = { threads: 1, startTimeout: 9_999 };
    await noLeaks(async () => {
      const source = new Subject<number>();
      const first = new Probe<number>().subscribe(source.pipe(parallel(countCalls, same)));
      source.next(0);
      await until(() => first.values.length === 1);
      expect(await calls({ ...same, name: 'another', timeout: 5_000 })).toEqual([2]);
      // Other settings, other threads.
      expect(await calls({ ...same, startTimeout: 9_998 })).toEqual([1]);
      source.complete();
      await first.untilEnded();
    });
    expect(await calls(same)).toEqual([1]);
  });

  test('end also where the flow fails or is unsubscribed', async () => {
    await noLeaks(async () => {
      const cells = makeCells();
      const options = { threads: 1, grace: 0 };
      const failing = new Subject<{ cells: Int32Array; n: number }>();
      const one = new Probe<number>().subscribe(failing.pipe(parallel(hold, options)));
      failing.next({ cells, n: 0 });
      await until(() => cells[BEGUN] === 1);
      failing.error('no');
      const two = new Probe<number>().subscribe(held(1, cells).pipe(parallel(hold, options)));
      await until(() => cells[BEGUN] === 2);
      two.unsubscribe();
      expect([one.ended, two.isClosed]).toEqual(['failed', true]);
    });
  });

  test('see no more of the environment than they need, or what they are given', async () => {
    vi.stubEnv('SLUICE_SECRET', 'secret');
    const [own] = await all(of(0).pipe(parallel(environment, { threads: 1 })));
    expect(Object.keys(own!).filter((name) => !['NODE_ENV', 'TZ', 'LANG', 'LC_ALL'].includes(name))).toEqual([]);
    const [given] = await all(of(0).pipe(parallel(environment, { threads: 1, env: { ONE: '1' } })));
    expect(given).toEqual({ ONE: '1' });
  });
});

describe('how many threads', () => {
  test.each([
    ['3', 3],
    ['1', 1],
    ['256', 256],
    ['', availableParallelism()],
    ['auto', availableParallelism()],
  ])('SLUICE_THREADS=%s', (given, size) => {
    vi.stubEnv('SLUICE_THREADS', given);
    expect([makePool().size, makePool({ threads: 'auto' }).size, makePool({ threads: 2 }).size]).toEqual([
      size,
      size,
      2,
    ]);
  });

  test('without it as many as the machine can run at once', () => {
    vi.stubEnv('SLUICE_THREADS', undefined);
    expect(makePool().size).toBe(availableParallelism());
  });

  test.each(['0', 'two', '1.5', '257', '-1', 'Infinity'])('SLUICE_THREADS=%s is refused', (given) => {
    vi.stubEnv('SLUICE_THREADS', given);
    for (const call of [() => new ThreadPool(), () => parallel(double)]) {
      expect(thrownBy(call)).toMatchObject({ name: 'RangeError', option: 'SLUICE_THREADS', received: given });
    }
    expect(makePool({ threads: 1 }).size).toBe(1);
  });
});
