import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromIterable } from '../../src/index.ts';
import { parallel, type ParallelOptions } from '../../src/parallel/parallel.ts';
import type { Task } from '../../src/parallel/task.ts';
import { fails, reads } from './tasks/modes.task.ts';

const exec = promisify(execFile);
const cwd = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a program by tsx, as if it lay in the root of this repository. It ends by itself, or the test fails. */
function run(program: string, ...flags: string[]): Promise<{ stdout: string; stderr: string }> {
  const args = [...flags, '--import', 'tsx', '--input-type=module', '--eval', IMPORTS + program];
  return exec(process.execPath, args, { cwd, timeout: 25_000, env: { ...process.env, SECRET: 'hunter2' } });
}

const IMPORTS = `
import { lastValueFrom, toArray } from 'rxjs';
import { fromIterable } from './src/index.ts';
import { ThreadPool, parallel } from './src/parallel.ts';
import * as tasks from './test/parallel/tasks/modes.task.ts';
const all = (task, items, options) =>
  lastValueFrom(fromIterable(items).pipe(parallel(task, { threads: 1, order: 'input', ...options }), toArray()));
`;

function all<T, R>(task: Task<T, R>, items: readonly T[], options: ParallelOptions<T> = {}): Promise<R[]> {
  return lastValueFrom(fromIterable(items).pipe(parallel(task, { threads: 1, ...options }), toArray()));
}

/** Where in modes.task.ts it throws. */
const LINE = /modes[.]task[.]ts:9:9\b/;

describe('in a program that tsx runs', () => {
  test('a flow runs, its results arrive and the process ends by itself', async () => {
    const { stdout } = await run(`console.log(JSON.stringify(await all(tasks.talks, [1, 2, 3])));`);
    expect(stdout).toContain('[1,2,3]');
  });

  test('what a task writes to the console is there', async () => {
    const { stdout, stderr } = await run(`
      // A thread that is ended takes with it what its console has not passed on yet.
      const threads = new ThreadPool({ threads: 1 });
      await all(tasks.talks, [1, 2, 3], { threads });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await threads.close();`);
    expect(stdout.match(/thread says \d/g)).toEqual(['thread says 1', 'thread says 2', 'thread says 3']);
    expect(stderr.match(/thread warns of \d/g)).toEqual([
      'thread warns of 1',
      'thread warns of 2',
      'thread warns of 3',
    ]);
  });

  test('an error shows the line of the task in its TypeScript file', async () => {
    const { stdout } = await run(`await all(tasks.fails, [1]).catch((error) => console.log(error.stack));`);
    expect(stdout).toMatch(/^RangeError: 1 is too much\n/);
    expect(stdout).toMatch(LINE);
  });

  test('X22 a thread sees the secrets of the process only if it is given them', async () => {
    const { stdout } = await run(`
      console.log(JSON.stringify([
        process.env.SECRET,
        ...await all(tasks.reads, ['SECRET']),
        ...await all(tasks.reads, ['SECRET'], { env: { SECRET: 'for threads' } }),
      ]));`);
    expect(JSON.parse(stdout)).toEqual(['hunter2', 'nothing', 'for threads']);
  });

  test('one whose task cannot be loaded ends soon, held up by no timer', async () => {
    const { stdout } = await run(`
      const error = await all({ ...tasks.talks, url: tasks.talks.url + '.missing' }, [1]).catch((error) => error);
      const began = performance.now();
      process.on('exit', () => console.log(error.code, performance.now() - began < 5000));`);
    expect(stdout.trim()).toBe('ERR_TASK_LOAD true');
  });
});

describe('under vitest', () => {
  beforeEach(() => void (process.env['SECRET'] = 'hunter2'));
  afterEach(() => void delete process.env['SECRET']);

  test('an error shows the line of the task in its TypeScript file', async () => {
    const error = await all(fails, [1]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).stack).toMatch(LINE);
  });

  test('X22 a thread sees the secrets of the process only if it is given them', async () => {
    expect(await all(reads, ['SECRET', 'NODE_ENV'], { order: 'input' })).toEqual(['nothing', 'test']);
    expect(await all(reads, ['SECRET'], { env: { SECRET: 'for threads' } })).toEqual(['for threads']);
  });
});
