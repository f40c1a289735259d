import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parallel, type ParallelOptions } from '../../src/parallel/parallel.ts';
import type { Task } from '../../src/parallel/task.ts';
import { ThreadPool } from '../../src/parallel/ThreadPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { fails, reads } from './tasks/modes.task.ts';

const cwd = fileURLToPath(new URL('../../', import.meta.url));

/** Run by tsx, as if it lay in the root of this repository. One for all tests: it takes seconds to start. */
const PROGRAM = `
import { lastValueFrom, toArray } from 'rxjs';
import { fromIterable } from './src/index.ts';
import { ThreadPool, parallel } from './src/parallel.ts';
import * as tasks from './test/parallel/tasks/modes.task.ts';
const all = (task, items, options) =>
  lastValueFrom(fromIterable(items).pipe(parallel(task, { threads: 1, order: 'input', ...options }), toArray()));
const caught = (error) => error;
const found = {};
// A thread that is ended takes with it what its console has not passed on yet.
const threads = new ThreadPool({ threads: 1 });
found.results = await all(tasks.talks, [1, 2, 3], { threads });
found.stack = (await all(tasks.fails, [1], { threads }).catch(caught)).stack;
found.secrets = [
  process.env.SECRET,
  ...await all(tasks.reads, ['SECRET'], { threads }),
  ...await all(tasks.reads, ['SECRET'], { env: { SECRET: 'for threads' } }),
];
await new Promise((resolve) => setTimeout(resolve, 1000));
await threads.close();
found.load = (await all({ ...tasks.talks, url: tasks.talks.url + '.missing' }, [1]).catch(caught)).code;
const over = performance.now();
process.on('exit', () => console.log('found ' + JSON.stringify({ ...found, lingered: performance.now() - over })));
`;

/** What it found, and what was printed besides. */
interface Found {
  readonly results: unknown;
  readonly stack: string;
  readonly secrets: unknown;
  readonly load: string;
  /** Milliseconds that it still took to end. */
  readonly lingered: number;
}

function all<T, R>(task: Task<T, R>, items: readonly T[], options: ParallelOptions<T> = {}): Promise<R[]> {
  return lastValueFrom(fromIterable(items).pipe(parallel(task, { threads: 1, ...options }), toArray()));
}

/** Where in modes.task.ts it throws. */
const LINE = /modes[.]task[.]ts:9:9\b/;

describe('in a program that tsx runs', () => {
  let stdout: string;
  let stderr: string;
  let found: Found;

  beforeAll(async () => {
    const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
    const env = { ...process.env, SECRET: 'hunter2' };
    ({ stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 50_000, env }));
    found = JSON.parse(/^found (.*)$/m.exec(stdout)![1]!) as Found;
  });

  test('a flow runs, its results arrive', () => {
    expect(found.results).toEqual([1, 2, 3]);
  });

  test('what a task writes to the console is there', () => {
    expect(stdout.match(/thread says \d/g)).toEqual(['thread says 1', 'thread says 2', 'thread says 3']);
    expect(stderr.match(/thread warns of \d/g)).toEqual([
      'thread warns of 1',
      'thread warns of 2',
      'thread warns of 3',
    ]);
  });

  test('an error shows the line of the task in its TypeScript file', () => {
    expect(found.stack).toMatch(/^RangeError: 1 is too much\n/);
    expect(found.stack).toMatch(LINE);
  });

  test('X22 a thread sees the secrets of the process only if it is given them', () => {
    expect(found.secrets).toEqual(['hunter2', 'nothing', 'for threads']);
  });

  test('the process ends by itself, and soon after a task that cannot be loaded, held up by no timer', () => {
    expect(found.load).toBe('ERR_TASK_LOAD');
    expect(found.lingered).toBeLessThan(5000);
  });
});

describe('under vitest', () => {
  const threads = new ThreadPool({ threads: 1 });
  afterAll(() => threads.close());
  beforeEach(() => void (process.env['SECRET'] = 'hunter2'));
  afterEach(() => void delete process.env['SECRET']);

  test('an error shows the line of the task in its TypeScript file', async () => {
    const error = await all(fails, [1], { threads }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).stack).toMatch(LINE);
  });

  test('X22 a thread sees the secrets of the process only if it is given them', async () => {
    expect(await all(reads, ['SECRET', 'NODE_ENV'], { order: 'input', threads })).toEqual(['nothing', 'test']);
    expect(await all(reads, ['SECRET'], { env: { SECRET: 'for threads' } })).toEqual(['for threads']);
  });
});
