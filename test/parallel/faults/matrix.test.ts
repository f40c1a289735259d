import { afterAll, describe, expect, test, vi } from 'vitest';
import { Thread } from '../../../src/parallel/pool/Thread.ts';
import { ThreadPool } from '../../../src/parallel/ThreadPool.ts';
import { echo, work, type Act, type Job } from '../tasks/faults.task.ts';
import { counters, expectConserved, jobs, runJobs, type Run } from './runJobs.ts';
import { warnings } from './warnings.ts';
import { until } from '../until.ts';

// Each thread takes seconds to start on a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 });

/** Threads that most tests share: a fault of one must not show in the next. */
const pool = new ThreadPool({ threads: 2 });
afterAll(() => pool.close());

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
/** Who is blamed for what. */
const blamed = ({ letters }: Run): unknown[] =>
  letters
    .map(({ item, error, attempts }) => {
      const { code, index, exitCode, timeout } = error as Record<string, unknown>;
      return { id: item.id, code, index, exitCode, timeout, attempts };
    })
    .toSorted((a, b) => a.id - b.id);
const crash = (id: number, exitCode: number, attempts: number) => ({
  id,
  code: 'ERR_WORKER_CRASHED',
  index: id,
  exitCode,
  timeout: undefined,
  attempts,
});
const late = (id: number, timeout: number, attempts = 1) => ({
  id,
  code: 'ERR_TASK_TIMEOUT',
  index: id,
  exitCode: undefined,
  timeout,
  attempts,
});

describe('W1 process.exit in a task', () => {
  test('R-61 is tried once more, then that item alone has failed, with its exit code; order is kept (R-64)', async () => {
    const begun = counters(300);
    const list = jobs(
      300,
      { 40: { act: 'exit', n: 3 }, 41: { act: 'exit', n: 0 }, 200: { act: 'exit', n: 1 } },
      { begun },
    );
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expectConserved(list, run, [40, 41, 200]);
    expect(blamed(run)).toEqual([crash(40, 3, 2), crash(41, 0, 2), crash(200, 1, 2)]);
    expect([begun[40], begun[41], begun[200]]).toEqual([2, 2, 2]);
    expect(run.results.map(({ id }) => id)).toEqual(run.results.map(({ id }) => id).toSorted((a, b) => a - b));
  });

  test('an item that gets through at the second try has succeeded', async () => {
    const list = jobs(50, { 0: { act: 'exitOnce' }, 25: { act: 'exitOnce' }, 49: { act: 'exitOnce' } });
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expectConserved(list, run, []);
    expect(run.results.filter(({ attempt }) => attempt > 1).map(({ id }) => id)).toEqual([0, 25, 49]);
  });

  test('is tried as often as retries says, and no other item is begun for it in vain more often than it was lost', async () => {
    const begun = counters(60);
    const list = jobs(60, { 30: { act: 'exit', n: 5 } }, { begun });
    const run = await runJobs(list, { threads: pool, retries: 0 });
    expectConserved(list, run, [30]);
    expect(blamed(run)).toEqual([crash(30, 5, 1)]);
    expect(begun[30]).toBe(1);
    // Of its batch at most what had finished and not been reported runs twice.
    expect(Math.max(...begun)).toBeLessThanOrEqual(2);
  });

  test.each([
    ['completion', 6],
    ['input', 3],
  ] as const)('every item exits (%s order): each is blamed, the stage completes', async (order, count) => {
    const list = jobs(count, {}, { act: 'exit', n: 2 });
    const run = await runJobs(list, { threads: pool, order, retries: 0 });
    expectConserved(
      list,
      run,
      list.map(({ id }) => id),
    );
    expect(blamed(run)).toEqual(list.map(({ id }) => crash(id, 2, 1)));
  });

  test("with onError 'stop' the stage fails with it, and the pool serves the next", async () => {
    const run = await runJobs(jobs(20, { 5: { act: 'exit', n: 4 } }), { threads: pool, onError: 'stop', retries: 0 });
    expect(run.ending).toBe('failed');
    expect(run.error).toMatchObject({ name: 'WorkerCrashedError', stage: 'work', index: 5, exitCode: 4, attempts: 1 });
    const list = jobs(20);
    expectConserved(list, await runJobs(list, { threads: pool }), []);
  });

  test('an item that waits beside others is blamed, not they: they run again', async () => {
    const list = jobs(10, { 3: { act: 'exit', n: 6 } }, { act: 'sleep', n: 5 });
    const run = await runJobs(list, { threads: pool, maxBatch: 1 });
    expectConserved(list, run, [3]);
    expect(blamed(run)).toEqual([crash(3, 6, 2)]);
  });

  test('crashes while many values are under way: what was given stays, and is not given again', async () => {
    const list = jobs(6, { 2: { act: 'manyThenExit', n: 5 } }, { act: 'many', n: 3 });
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expect(blamed(run)).toEqual([crash(2, 7, 1)]);
    const parts = run.results.map(({ id, part }) => `${id}/${part}`);
    expect(parts.filter((part) => part.startsWith('2/'))).toEqual(['2/0', '2/1', '2/2', '2/3', '2/4']);
    const others = [0, 1, 3, 4, 5].flatMap((id) => [0, 1, 2].map((part) => `${id}/${part}`));
    expect(parts.filter((part) => !part.startsWith('2/'))).toEqual(others);
  });

  test('an item that gave all its values before another of its batch exits does not give them again', async () => {
    const list = jobs(1_200, {}, { act: 'many', n: 2 }).map((job): Job =>
      job.id % 400 === 399 ? { ...job, act: 'exitOnce' } : job,
    );
    const run = await runJobs(list, { threads: pool, order: 'input' });
    const expected = list.flatMap(({ id, act }) => (act === 'many' ? [`${id}/0`, `${id}/1`] : [`${id}/undefined`]));
    expect(run.results.map(({ id, part }) => `${id}/${part}`)).toEqual(expected);
    expect(run.letters).toEqual([]);
  });

  test('exits once its results are sent, again and again: nobody is blamed, nothing is lost', async () => {
    const list = jobs(8, {}, { act: 'exitAfterResult', n: 1 });
    const run = await runJobs(list, { threads: pool, order: 'input', maxBatch: 1, retries: 20 });
    expectConserved(list, run, []);
  });
});

test('W3 buffers beyond maxMemory: the thread is replaced after its item, nothing is lost', async () => {
  const own = new ThreadPool({ threads: 1, maxMemory: 64 * 2 ** 20 });
  const list = jobs(30, { 5: { act: 'keepBuffers', n: 100 * 2 ** 20 }, 15: { act: 'keepBuffers', n: 100 * 2 ** 20 } });
  const run = await runJobs(list, { threads: own, order: 'input' });
  expectConserved(list, run, []);
  expect(own.restarts).toBe(2);
  await own.close();
});

test('W3 buffers beyond maxMemory while an item runs: its thread is ended at once, and the item tried again, then failed', async () => {
  const own = new ThreadPool({ threads: 1, maxMemory: 2 ** 30 });
  const begun = counters(6);
  // Node.js can look into a busy thread only from 22.16 on.
  const external = vi.spyOn(Thread.prototype, 'external');
  // Once for each time that it has begun: not while the next thread starts.
  let weighed = 0;
  external.mockImplementation(() => {
    const times = Atomics.load(begun, 5);
    if (times === weighed) return Promise.resolve(0);
    weighed = times;
    return Promise.resolve(2 ** 31);
  });
  const list = jobs(6, { 5: { act: 'spin' } }, { begun });
  const run = await runJobs(list, { threads: own });
  external.mockRestore();
  expectConserved(list, run, [5]);
  expect(blamed(run)).toEqual([crash(5, 1, 2)]);
  expect((run.letters[0]!.error as Error).message).toContain(
    'its thread held 2147483648 bytes outside its heap, and "maxMemory" is 1073741824',
  );
  expect(begun[5]).toBe(2);
  await own.close();
});

describe('W4 what never ends', () => {
  test.each<Act>(['spin', 'regex', 'wait', 'never'])(
    '%s: timeout ends it, blames it alone, and says so',
    async (act) => {
      const list = jobs(40, { 7: { act } });
      const run = await runJobs(list, { threads: pool, timeout: 500, order: 'input' });
      expectConserved(list, run, [7]);
      expect(blamed(run)).toEqual([late(7, 500)]);
    },
  );

  test('is tried again as often as retries says', async () => {
    const begun = counters(6);
    const list = jobs(6, { 2: { act: 'wait' }, 4: { act: 'never' } }, { begun });
    const run = await runJobs(list, { threads: pool, timeout: 400, retries: 1 });
    expectConserved(list, run, [2, 4]);
    expect(blamed(run)).toEqual([late(2, 400, 2), late(4, 400, 2)]);
    expect([begun[2], begun[4]]).toEqual([2, 2]);
  });

  test('R-54 the time of one item counts, not that of its batch, nor of waiting in line', async () => {
    const own = new ThreadPool({ threads: 1 });
    // Quick ones at first, so that half of the long ones are a batch.
    const list = jobs(640).map((job): Job => (job.id < 600 ? job : { ...job, act: 'block', n: 40 }));
    const run = await runJobs(list, { threads: own, timeout: 400 });
    expectConserved(list, run, []);
    await own.close();
  });

  test('a main thread that is blocked for long takes nothing for late', async () => {
    const list = jobs(40, {}, { act: 'block', n: 5 });
    let blocks = 3;
    const run = await runJobs(list, { threads: pool, timeout: 500 }, () => {
      if (blocks-- <= 0) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    });
    expectConserved(list, run, []);
  });
});

test('W5 native code that blocks its thread: another serves at once, and nobody waits for the first', async () => {
  const own = new ThreadPool({ threads: 1 });
  expectConserved(jobs(1), await runJobs(jobs(1), { threads: own }), []);
  const since = performance.now();
  const list = jobs(20, { 3: { act: 'native', n: 20 } });
  const run = await runJobs(list, { threads: own, timeout: 300 });
  expectConserved(list, run, [3]);
  expect(blamed(run)).toEqual([late(3, 300)]);
  await own.close();
  // It blocks for twenty seconds.
  expect(performance.now() - since).toBeLessThan(15_000);
});

describe('W6 what a task leaves behind', () => {
  test.each<Act>(['throwLater', 'throwNullLater', 'rejectLater'])(
    '%s: the thread is replaced, a warning says so, and the next flow has a sound one',
    async (act) => {
      const own = new ThreadPool({ threads: 1 });
      const heard = warnings();
      const list = jobs(1, { 0: { act, n: 10 } });
      expectConserved(list, await runJobs(list, { threads: own }), []);
      await until(() => own.running === 0, 'the thread to die');
      await until(() => heard.codes.includes('SLUICE_THREAD_DIED'), 'a warning');
      const next = jobs(5);
      expectConserved(next, await runJobs(next, { threads: own }), []);
      heard.stop();
      await own.close();
    },
  );

  test('throw null in the middle of other items costs no item', async () => {
    const heard = warnings();
    const list = jobs(60, { 10: { act: 'throwNullLater', n: 15 } }, { act: 'sleep', n: 4 });
    const run = await runJobs(list, { threads: pool, order: 'input', retries: 3 });
    expectConserved(list, run, []);
    heard.stop();
  });

  test('R-33 throw null at work on an item: that item has failed, and says so', async () => {
    const list = jobs(5, { 2: { act: 'throwNullAtWork' } });
    const run = await runJobs(list, { threads: pool, order: 'input', retries: 0 });
    expectConserved(list, run, [2]);
    expect(blamed(run)).toEqual([crash(2, 1, 1)]);
    const { message, cause } = run.letters[0]!.error as Error;
    expect([message, cause]).toEqual(['Stage "work": a thread ended at item 2: null', null]);
  });
});

describe('W7 R-63 what cannot be cloned', () => {
  const proxy = new Proxy({}, {});
  const getter = {
    get bad(): never {
      throw new Error('not readable');
    },
  };
  let deep: unknown = 0;
  for (let i = 0; i < 20_000; i++) deep = [deep];

  test.each([
    ['a function', () => undefined, 'item.load is a function'],
    ['a Proxy', proxy, 'item.load is a Proxy'],
    ['a getter that throws', getter, 'item.load.bad is a getter that throws'],
    ['what is nested too deeply', deep, 'nested too deeply'],
    ['a symbol', { s: Symbol('s') }, 'item.load.s is a symbol'],
  ])('%s in an item fails that item, named by its path; no thread is the worse for it', async (_, load, message) => {
    const { restarts } = pool;
    const list = jobs(30, { 11: { load }, 12: { load } });
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expectConserved(list, run, [11, 12]);
    for (const { error } of run.letters) {
      expect(error).toMatchObject({ code: 'ERR_NOT_CLONEABLE', direction: 'item' });
      expect((error as Error).message).toContain(message);
    }
    expect(run.letters.map(({ error }) => (error as { index: number }).index)).toEqual([11, 12]);
    expect(pool.restarts).toBe(restarts);
  });

  test.each([
    ['alone', 1, false, [2, 4]],
    ['in the midst of others', 600, false, [2, 4]],
    ['with a buffer that is to be moved', 1, true, [3, 5]],
  ])('what is not the same each time it is read fails that item (%s)', async (_, count, transfer, bad) => {
    const { restarts } = pool;
    let reads = 0;
    const load = {
      bytes: new Uint8Array(8),
      // Read to be measured, (to find its buffer,) to be sent, to find out why it cannot be, and to be sent again.
      get changing(): number {
        if (bad.includes(++reads)) throw new Error(`read ${reads} times`);
        return reads;
      },
    };
    const at = count - 1;
    const list = jobs(count, { [at]: { load } });
    const run = await runJobs(list, { threads: pool, order: 'input', transfer });
    expectConserved(list, run, [at]);
    expect(run.letters).toMatchObject([{ error: { code: 'ERR_NOT_CLONEABLE', direction: 'item', index: at } }]);
    expect((run.letters[0]!.error as Error).message).toMatch(/item is read \d times and cannot be sent/);
    expect(pool.restarts).toBe(restarts);
  });

  test.each([
    ['many in a batch', 600, {}],
    ['whose buffers are moved', 6, { transfer: true, maxBatch: 1 }],
  ])(
    'what a thread with a small stack cannot read fails that item (%s); the thread goes on',
    async (_, count, options) => {
      const own = new ThreadPool({ threads: 1, resourceLimits: { stackSizeMb: 0.5 } });
      let nested: unknown = 0;
      for (let i = 0; i < 2_000; i++) nested = [nested];
      const load = (): unknown => [nested, new Uint8Array(8)];
      const list = jobs(count, { 2: { load: load() }, [count - 2]: { load: load() } });
      const run = await runJobs(list, { threads: own, order: 'input', ...options });
      expectConserved(list, run, [2, count - 2]);
      for (const { error, attempts } of run.letters) {
        expect([error, attempts]).toMatchObject([{ code: 'ERR_NOT_CLONEABLE', direction: 'item', path: 'item' }, 1]);
        expect((error as Error).message).toContain(
          'item is nested too deeply to be read and cannot be sent to a thread',
        );
      }
      expect(own.restarts).toBe(0);
      await own.close();
    },
  );

  test('a function in a result fails that item; no thread is the worse for it', async () => {
    const { restarts } = pool;
    const list = jobs(30, { 3: { act: 'badReturn' }, 29: { act: 'badReturn' } });
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expectConserved(list, run, [3, 29]);
    for (const { error } of run.letters) {
      expect((error as Error).message).toContain('result.notCloneable is a function');
      expect(codeOf(error)).toBe('ERR_NOT_CLONEABLE');
    }
    expect(pool.restarts).toBe(restarts);
  });

  test('what is circular is sent as it is', async () => {
    const load: { self?: unknown } = {};
    load.self = load;
    const list = jobs(3, {}, { load });
    expectConserved(list, await runJobs(list, { threads: pool }), []);
  });
});

test('W8 an item larger than maxItemBytes fails before it is copied, and the error suggests transfer', async () => {
  const list = jobs(5, { 2: { load: new Uint8Array(17 * 2 ** 20) } });
  const run = await runJobs(list, { threads: pool });
  expectConserved(list, run, [2]);
  expect(run.letters[0]!.error).toMatchObject({ code: 'ERR_ITEM_TOO_LARGE', index: 2, maxItemBytes: 2 ** 24 });
  expect((run.letters[0]!.error as Error).message).toContain('transfer');
});

describe('R-33 what a task throws', () => {
  test('arrives whole, and blames its item, in the midst of crashes', async () => {
    const list = jobs(200, { 50: { act: 'throw' }, 51: { act: 'exitOnce' }, 52: { act: 'throw' } });
    const run = await runJobs(list, { threads: pool, order: 'input' });
    expectConserved(list, run, [50, 52]);
    for (const { item, error } of run.letters) {
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: `item ${item.id} throws`, code: 'E_ITEM', item: item.id });
      expect((error as Error).stack).toContain('faults.task');
    }
  });
});

describe('R-60 R-61 a pool', () => {
  test('is not the worse for faults: both threads are there again', async () => {
    const seen = new Set<number>();
    const list = jobs(40, {}, { act: 'sleep', n: 5 });
    // The second takes longer to start than all this work takes, perhaps.
    while (seen.size < 2) {
      const run = await runJobs(list, { threads: pool });
      expectConserved(list, run, []);
      for (const { thread } of run.results) seen.add(thread);
    }
    expect(seen).toEqual(new Set([0, 1]));
    expect(pool.running).toBe(2);
  });

  test('two tasks of it do not mix', async () => {
    expect([work.name, echo.name]).toEqual(['work', 'echo']);
    const list = jobs(30, { 4: { act: 'exitOnce' } });
    const runs = await Promise.all([
      runJobs(list, { threads: pool }),
      runJobs(list, { threads: pool, timeout: 20_000 }),
      runJobs(list, { threads: pool, key: ({ id }) => id % 3 }),
    ]);
    for (const run of runs) expectConserved(list, run, []);
  });
});
