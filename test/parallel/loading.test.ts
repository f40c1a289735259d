import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { parallel, type ParallelOptions } from '../../src/parallel/parallel.ts';
import { task, type Task } from '../../src/parallel/task.ts';
import { TaskLoadError } from '../../src/parallel/TaskLoadError.ts';
import { ThreadPool, type ThreadPoolOptions } from '../../src/parallel/ThreadPool.ts';
import { WorkerCrashedError } from '../../src/parallel/WorkerCrashedError.ts';
import { WorkerCrashLoopError } from '../../src/parallel/WorkerCrashLoopError.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { noLeaks } from '../../src/testing/noLeaks.ts';
import { compiled, compiledUrl } from './compiled.ts';
import * as importsAll from './tasks/importsAll.task.ts';
import * as slowToLoad from './tasks/slowToLoad.task.ts';
import * as sound from './tasks/sound.task.ts';

const { double, half, block } = compiled(sound);
const { early, late } = compiled(slowToLoad);
const { double: doubleAll } = compiled(importsAll);

const TWENTY = Array.from({ length: 20 }, (_, n) => n);
const DOUBLED = TWENTY.map((n) => n * 2);
const HALVED = TWENTY.map((n) => n / 2);

let folder: string;
/** The threads that were started since the test began. */
let workers: Worker[];
/** Settle when they are gone. */
let ends: Promise<void>[];
/** What went where nobody can catch it. */
let lateErrors: unknown[];
let pools: ThreadPool[];

const notice = (worker: Worker): void => {
  workers.push(worker);
  ends.push(new Promise((resolve) => worker.once('exit', () => resolve())));
};
const inTypeScript = (file: string): URL => new URL(`tasks/${file}.task.ts`, import.meta.url);
/** What threads import sooner. */
const here = (file: string): URL => compiledUrl(inTypeScript(file));
/** Where what cannot stand in this repository was written, because it does not compile. */
const written = (file: string): URL => pathToFileURL(join(folder, file));

/** A task that only a thread finds to be broken: here its module is not imported, as if it had changed meanwhile. */
function broken(url: URL, name = 'double'): Task<number, number> {
  return { url: url.href, name, fn: (n) => n * 2 };
}

function pool(options: ThreadPoolOptions): ThreadPool {
  const made = new ThreadPool(options);
  pools.push(made);
  return made;
}

function results<R>(wanted: Task<number, R>, options: ParallelOptions<number>, items = TWENTY): Promise<R[]> {
  return lastValueFrom(fromIterable(items).pipe(parallel(wanted, { order: 'input', ...options }), toArray()));
}

async function errorOf(wanted: Task<number, number>, options: ParallelOptions<number>): Promise<unknown> {
  try {
    await results(wanted, options);
  } catch (error) {
    return error;
  }
  throw new Error('It completed');
}

/** What a thread that ends while it imports something may leave open: the module, or what tsx keeps of it in its cache. */
const OWN_FILES = /^open file .*(?:\.[cm]?[jt]s$|\/tsx-\d+\/)/;
const clean = (body: () => Promise<void>): Promise<void> => noLeaks(body, { ignore: [OWN_FILES] });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-broken-'));
  const imports = `import { task } from '${new URL('../../src/task.ts', import.meta.url).href}';\n`;
  const files = {
    'package.json': '{ "type": "module" }',
    'syntax.task.js': `${imports}export const double = task(import.meta.url, 'double', (n) => n *);`,
    'syntax.task.ts': `${imports}export const double = task(import.meta.url, 'double', (n: : number) => n);`,
    'import.task.js': `import './nowhere.js';`,
    'package.task.js': `import 'no-such-package';`,
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  // What threads.js and Node.js make only once is made before anyone looks for what is left.
  await results(double, { threads: 1 }, [1]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(() => {
  [workers, ends, lateErrors, pools] = [[], [], [], []];
  process.on('worker', notice);
  vi.spyOn(hooks, 'lateError').mockImplementation((error) => void lateErrors.push(error));
});

afterEach(async () => {
  process.off('worker', notice);
  vi.restoreAllMocks();
  await Promise.all(pools.map((made) => made.close()));
});

async function endsLate(file: string): Promise<void> {
  const url = here(file);
  const threads = pool({ threads: 1, startTimeout: 3000 });
  const error = await errorOf(broken(url), { threads });
  expect(error).toBeInstanceOf(TaskLoadError);
  expect((error as TaskLoadError).message).toContain(url.href);
  expect((error as TaskLoadError).message).toMatch(/importing it took longer than 3000 ms$/);
  expect(await results(half, { threads }), 'another stage').toEqual(HALVED);
  await threads.close();
}

describe('W9 a task whose module cannot be imported in a thread, because it', () => {
  test.each([
    ['is missing', () => here('missing'), /Cannot find module '.*missing[.]task[.]js'/],
    ['imports a file that is missing', () => written('import.task.js'), /Cannot find module '.*nowhere[.]js'/],
    ['imports a package that is not installed', () => written('package.task.js'), /'no-such-package'/],
    ['has an error in its syntax', () => written('syntax.task.js'), /syntax|unexpected/i],
    ['has an error in its TypeScript', () => written('syntax.task.ts'), /syntax[.]task[.]ts:2:/],
    ['throws an error', () => here('brokenThrowsError'), /no such table$/],
    ['throws null', () => here('brokenThrowsNull'), /: null$/],
    ['exits', () => here('brokenExits'), /exit code 3/],
    [
      'has two tasks of that name',
      () => here('brokenTwice'),
      /one that no other task of .*brokenTwice[.]task[.]js has/,
    ],
    ['has no task', () => here('brokenNoTask'), /the module declares no task when it is imported$/],
    ['has only other tasks', () => new URL('?other', here('sound')), /the module has only "double", "half", "block"$/],
    ['starts a flow of its own', () => here('brokenRunsFlow'), /starts a flow of its own/],
    ['is no module of tasks', () => new URL('node:fs'), /declares no task/],
  ])('%s, ends the stage with one error that names it, and no other stage', async (_, file, reason) => {
    const url = file();
    const wanted = broken(url, url.search === '' ? 'double' : 'triple');
    await clean(async () => {
      const threads = pool({ threads: 1 });
      const began = performance.now();
      const error = await errorOf(wanted, { threads });
      // A machine may be busy, but nothing waited for "startTimeout" (10 s).
      expect(performance.now() - began).toBeLessThan(9000);
      expect(error).toBeInstanceOf(TaskLoadError);
      expect(error).toMatchObject({ code: 'ERR_TASK_LOAD', stage: wanted.name, url: url.href, task: wanted.name });
      const { message } = error as TaskLoadError;
      expect(message).toContain(url.href);
      expect(message).toMatch(reason);
      expect(workers.length).toBe(1);

      expect(await results(half, { threads }), 'another stage').toEqual(HALVED);
      await threads.close();
      await Promise.all(ends);
      expect(threads.running).toBe(0);
      // One more if the first did not survive.
      expect(workers.length).toBeLessThanOrEqual(2);
    });
    expect(lateErrors).toEqual([]);
  });

  test('never ends, or keeps its thread from everything, ends the stage after "startTimeout"', async () => {
    await clean(async () => {
      await Promise.all(['brokenNeverLoads', 'brokenBlocks'].map(endsLate));
      await Promise.all(ends);
    });
    expect(workers.length, 'two for each').toBe(4);
    expect(lateErrors).toEqual([]);
  });

  test('throws, ends the stage with the error that it threw as the cause', async () => {
    const error = await errorOf(broken(here('brokenThrowsError')), { threads: pool({ threads: 1 }) });
    expect((error as TaskLoadError).cause).toBeInstanceOf(RangeError);
    expect((error as TaskLoadError).cause).toMatchObject({ message: 'no such table', code: 'E_TABLE' });
  });

  test('throws, ends a flow that wants it twice with one error', async () => {
    const wanted = broken(here('brokenThrowsError'));
    const threads = pool({ threads: 1 });
    const twice = fromIterable(TWENTY).pipe(parallel(wanted, { threads }), parallel(wanted, { threads }));
    await expect(lastValueFrom(twice)).rejects.toBeInstanceOf(TaskLoadError);
    expect(lateErrors).toEqual([]);
  });

  test.each(['ThrowsError', 'Exits', 'Twice'])(
    '%s, ends every stage that wants it, one after the other',
    async (name) => {
      const threads = pool({ threads: 1 });
      const wanted = broken(here(`broken${name}`));
      for (let time = 1; time <= 3; time++) {
        expect(await errorOf(wanted, { threads }), `time ${time}`).toBeInstanceOf(TaskLoadError);
      }
      expect(workers.length).toBeLessThanOrEqual(4);
    },
  );

  test.each(['ThrowsError', 'Exits'])('%s, does not disturb a stage beside it on the same thread', async (name) => {
    const threads = pool({ threads: 1 });
    const [bad, good, keyed] = await Promise.all([
      errorOf(broken(here(`broken${name}`)), { threads }),
      results(half, { threads }),
      results(double, { threads, key: (n) => n % 3 }),
    ]);
    expect(bad).toBeInstanceOf(TaskLoadError);
    expect(good).toEqual(HALVED);
    expect(keyed).toEqual(DOUBLED);
  });

  test('exits, leaves nothing of a pool that stages share, and no thread', async () => {
    await clean(async () => {
      expect(await errorOf(broken(here('brokenExits')), { threads: 2 })).toBeInstanceOf(TaskLoadError);
      await Promise.all(ends);
    });
    expect(workers.length).toBeLessThanOrEqual(4);
  });
});

describe('W9 a thread', () => {
  test('that dies of something its module left behind takes the item with it, and no more threads than that', async () => {
    const threads = pool({ threads: 1 });
    const error = await errorOf(broken(here('brokenRejectsLater')), { threads });
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect((error as WorkerCrashedError).cause).toMatchObject({ message: 'no connection' });
    expect(workers.length).toBeLessThanOrEqual(3);
    expect(await results(half, { threads }), 'another stage').toEqual(HALVED);
  });

  test('that cannot even start is tried a few times, and then no more', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockImplementation(() => undefined);
    await clean(async () => {
      const threads = pool({ threads: 1, env: { NODE_OPTIONS: `--require ${join(folder, 'nowhere.cjs')}` } });
      const error = await errorOf(double, { threads });
      expect(error).toBeInstanceOf(WorkerCrashLoopError);
      expect((error as WorkerCrashLoopError).message).toMatch(/nowhere[.]cjs/);
      expect(workers.length).toBe(6);
      await threads.close();
      await Promise.all(ends);
    });
    expect(warn.mock.calls.map(([, code]) => code)).toEqual(Array.from({ length: 6 }, () => 'SLUICE_THREAD_DIED'));
  });

  test('that Node.js refuses to start is tried a few times, too', async () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => undefined);
    await clean(async () => {
      const threads = pool({ threads: 1, env: { NODE_OPTIONS: '--title=flow' } });
      // Of two stages the first fails, and takes the other along.
      const twice = fromIterable(TWENTY).pipe(parallel(double, { threads }), parallel(half, { threads }));
      const error = await lastValueFrom(twice).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WorkerCrashLoopError);
      expect((error as WorkerCrashLoopError).message).toMatch(/--title= is not allowed in NODE_OPTIONS/);
      await threads.close();
    });
    expect(lateErrors).toEqual([]);
  });

  test('that is not ready in time says so, and which option helps', async () => {
    vi.spyOn(hooks, 'warn').mockImplementation(() => {});
    const threads = pool({ threads: 1, startTimeout: 1 });
    const error = await errorOf(double, { threads });
    expect(error).toBeInstanceOf(WorkerCrashLoopError);
    expect((error as WorkerCrashLoopError).message).toContain(
      'the thread was not ready after 1 ms: the machine is busy, or what Node.js preloads takes long. Raise "startTimeout"',
    );
    await threads.close();
  });

  test('that is busy with another stage is not taken for one that cannot import a module', async () => {
    const threads = pool({ threads: 1, startTimeout: 3000 });
    // So that the thread is there, and has the first item before there is a second stage.
    await results(block, { threads }, [0]);
    const blocked = results(block, { threads }, [4000]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await results(late, { threads })).toEqual(TWENTY.map(() => true));
    expect(await blocked).toEqual([4000]);
  });

  test('begins nothing before all of the module has run, and what waits for another module does not get lost', async () => {
    const threads = pool({ threads: 1 });
    const all = await Promise.all([
      results(half, { threads }),
      results(early, { threads }),
      results(late, { threads }),
      results(double, { threads }),
    ]);
    expect(all).toEqual([HALVED, TWENTY.map(() => true), TWENTY.map(() => true), DOUBLED]);
    expect(workers.length).toBe(1);
  });

  test('finds a task whose URL has a query', async () => {
    const withQuery = broken(new URL('?v=2', inTypeScript('sound')));
    expect(await results(withQuery, { threads: pool({ threads: 1 }) })).toEqual(DOUBLED);
  });

  test('runs a task that uses RxJS and this package itself', async () => {
    expect(await results(doubleAll, { threads: pool({ threads: 1 }) })).toEqual(DOUBLED);
  });
});

test.each(['https://example.com/a.task.js', 'data:text/javascript,0', 'a.task.ts', ''])(
  'a task cannot be declared with the URL %j, which is no file',
  (url) => {
    expect(() => task(url, 'double', (n: number) => n * 2)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', option: 'moduleUrl', received: url }),
    );
  },
);
