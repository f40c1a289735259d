import type { OperatorFunction } from 'rxjs';
import { outOfRange, wrongType } from '../core/errors.ts';
import { operatePool, readPool, STAGE_OPTIONS } from '../core/operatePool.ts';
import { holds, OptionReader, type Result, type StageOptions } from '../core/options.ts';
import { readDuration, readFunction } from '../core/readers.ts';
import type { Move, ParallelSettings } from './ParallelSettings.ts';
import { ParallelStage } from './ParallelStage.ts';
import type { PoolCore } from './pool/PoolCore.ts';
import { readThreads, readTimeout, THREAD_OPTIONS, type ThreadOptions } from './pool/readThreads.ts';
import { sharedPool } from './sharedPools.ts';
import { isTask, loadingModule, type Task } from './task.ts';
import { ThreadPool } from './ThreadPool.ts';

/** The options of {@link parallel}. */
export interface ParallelOptions<T> extends StageOptions<T>, ThreadOptions {
  /**
   * How many threads there may be, as for a `ThreadPool`, or a pool. Default `'auto'`. Stages with the same settings share their threads;
   * those of a pool are the pool's own.
   */
  threads?: number | 'auto' | ThreadPool | undefined;
  /** How many milliseconds the work on one item may take from when a thread begins it: more than 0. Its thread is ended then, and another takes its place. Default: as long as it takes. */
  timeout?: number | undefined;
  /**
   * How often an item may run again: an integer of 0 or more. Default: once if its thread died, never if it took longer than `timeout`.
   */
  retries?: number | undefined;
  /**
   * Whether buffers are moved instead of copied. `true`: those of items and results; a buffer that was sent is empty on this side.
   * `'auto'`: those of results only, so that a task must not keep a buffer that it gives back. Default `false`.
   */
  transfer?: boolean | 'auto' | undefined;
  /** Gives an item's key. Items of one key run on the same thread, one after the other and in their order. Not together with `inline: 'auto'`. */
  key?: ((item: T) => unknown) | undefined;
  /** Called when a thread that may keep something for keys (`context.state`) was replaced, or the pool was resized. Needs `key`. */
  onMove?: ((move: Move) => void) | undefined;
  /** The most items sent at once: an integer from 1 to 65536. Default 512. */
  maxBatch?: number | undefined;
  /** The most bytes sent at once, estimated; a single item may be larger. Default 1 MiB. */
  maxBatchBytes?: number | undefined;
  /** The most bytes of an item that may be copied, estimated: copying blocks this thread, and what is moved does not count. Default 16 MiB. */
  maxItemBytes?: number | undefined;
  /** How many milliseconds work that is no longer wanted may go on before its thread is ended: 0 or more. Default 100. */
  grace?: number | undefined;
  /**
   * With `'auto'`, items whose work turns out to cost less than the way to a thread run on the main thread, a few milliseconds in each
   * turn of the event loop, until the work grows; the report says so. Measured there is what an item takes at once, its
   * result's way down included: what an async task computes after an `await` is not seen. There they share the main thread's module, and neither
   * `timeout` nor a crash of their own can be caught; an item that has cost a thread is tried again on a thread. Not together with
   * `key`, whose items would find another state there. Default `false`.
   */
  inline?: 'auto' | false | undefined;
}

/**
 * Runs a task for each item on other threads, so that work that keeps the processor busy uses all cores.
 *
 * ```
 * source: abcd|            parallel(task, { threads: 2 }), where the task takes four frames
 * result: ----(ab)(cd|)
 * ```
 *
 * - **Emits** what the task gives: a value, the value of a promise, or all values of a generator, an async iterable or an
 *   Observable; as they come, or with `order: 'input'` in the order of the items. Items and results are copied (structured clone).
 * - **Holds back** its source while enough items are at the threads and in line for them: some milliseconds of work for each thread.
 *   While the gate below it is closed no further batch begins, and a task that gives many values is held back in its thread.
 * - **Completes** when its source has completed and everything has left. The threads end with the last stage that uses them.
 * - **Errors** at once with its source. When a task throws, `onError` decides; the error arrives whole (message, stack, code, cause, fields), as
 *   an instance of the built-in class nearest to its own. Unsubscribing, or an error, keeps what waits from beginning, tells what
 *   runs through `context.signal`, and ends its thread after `grace`.
 *
 * A thread that dies is replaced at once; the item that it died of runs again (`retries`), and then fails with a `WorkerCrashedError`; no
 * other item is lost or blamed. Items whose results had not arrived run again, so a task should bear running twice. An item that takes longer
 * than `timeout` fails with a `TaskTimeoutError`. What cannot be sent fails with a `NotCloneableError` that says where; a task that cannot be
 * loaded ends the stage with a `TaskLoadError`, and threads that keep dying before they finish anything with a `WorkerCrashLoopError`.
 *
 * A native crash (a segmentation fault, `SIGKILL`) of a thread ends the whole process. Native code that blocks a thread (`execSync`) cannot
 * be interrupted: after `timeout` another thread serves at once, but the process, also after `process.exit()`, ends only when that code
 * returns, since Node.js waits for its threads.
 *
 * @example
 * ```ts
 * // primes.task.ts
 * export const countPrimes = task(import.meta.url, 'countPrimes', (below: number) => ...);
 * // main.ts
 * fromIterable([1e6, 2e6, 3e6]).pipe(parallel(countPrimes, { order: 'input' }));
 * ```
 *
 * Items travel in batches that take a thread about two milliseconds, so that even work of a few microseconds gains; a lone item leaves at
 * once. Below that it costs more than it brings: see `inline`. A thread takes a while to start: tens of milliseconds, and what its modules take. Threads share no memory, but for
 * `SharedArrayBuffer`s, which are best for large binary data; they are no sandbox.
 *
 * @see `workerPool`, which runs everything on this thread: for work that waits rather than computes.
 * @param task Made by `task`, in a module of its own.
 * @param options See {@link ParallelOptions}. `concurrency` bounds how many items may be at the threads or in line for them, which
 *   otherwise follows from what an item costs; `name` is the task's by default.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function parallel<T, R>(
  task: Task<T, R>,
  options: ParallelOptions<T> & { onError: 'emit' },
): OperatorFunction<T, Result<R, T>>;
export function parallel<T, R>(task: Task<T, R>, options?: ParallelOptions<T>): OperatorFunction<T, R>;
export function parallel<T, R>(task: Task<T, R>, options: ParallelOptions<T> = {}): OperatorFunction<T, R> {
  checkTask(task);
  const read = new OptionReader<ParallelOptions<T>>('parallel', options, [
    ...STAGE_OPTIONS,
    ...OWN_OPTIONS,
    ...THREAD_OPTIONS,
  ]);
  const settings = readSettings(task, read);
  const poolOf = readPoolOf(read);
  return operatePool('parallel', read.get('concurrency'), (connection) => {
    return new ParallelStage<T, R>(connection, settings, poolOf());
  });
}

const OWN_OPTIONS = [
  'threads',
  'timeout',
  'retries',
  'transfer',
  'key',
  'onMove',
  'maxBatch',
  'maxBatchBytes',
  'maxItemBytes',
  'grace',
  'inline',
] as const;

function checkTask(task: unknown): void {
  if (!holds(() => isTask(task))) throw wrongType('parallel', 'task', 'made by task(import.meta.url, name, fn)', task);
  const loading = loadingModule();
  if (loading === undefined) return;
  throw new Error(
    `parallel(): ${loading} is being imported by a thread, for its tasks, and starts a flow of its own. ` +
      'Put tasks in a module of their own, which does nothing else when it is imported.',
  );
}

function readSettings<T>(task: Task<T, unknown>, read: OptionReader<ParallelOptions<T>>): ParallelSettings<T> {
  const retries = read.get('retries') === undefined ? undefined : read.count('retries', 0, 0);
  const key = readFunction(read, 'key');
  const onMove = readFunction(read, 'onMove');
  if (onMove !== undefined && key === undefined) throw read.wrong('key', 'given together with "onMove"', undefined);
  const maxBatch = read.count('maxBatch', 1, 512);
  if (maxBatch > 65_536) throw outOfRange('parallel', 'maxBatch', 'an integer from 1 to 65536', maxBatch);
  const given: unknown = read.get('transfer');
  const transfer = given === undefined ? false : given;
  if (transfer !== 'auto' && typeof transfer !== 'boolean')
    throw read.wrong('transfer', "true, false or 'auto'", transfer);
  const inline: unknown = read.get('inline');
  if (inline !== undefined && inline !== 'auto' && inline !== false)
    throw read.wrong('inline', "'auto' or false", inline);
  if (inline === 'auto' && key !== undefined)
    throw read.wrong('inline', 'left out, or false, where items have a "key": they stay with their threads', inline);
  return {
    ...readPool<T>(read, task.name, undefined, Infinity),
    task,
    timeout: readTimeout(read, 'timeout'),
    crashRetries: retries ?? 1,
    timeoutRetries: retries ?? 0,
    transfer,
    key,
    onMove,
    maxBatch,
    maxBatchBytes: read.count('maxBatchBytes', 1, 2 ** 20, true),
    maxItemBytes: read.count('maxItemBytes', 1, 2 ** 24, true),
    grace: readDuration(read, 'grace') ?? 100,
    inline: inline === 'auto',
  };
}

/** The pool is found when the stage is subscribed: one that stages share lives only as long as they do. */
function readPoolOf<T>(read: OptionReader<ParallelOptions<T>>): () => PoolCore {
  const { threads } = { threads: read.get('threads') };
  if (holds(() => threads instanceof ThreadPool)) {
    const own = THREAD_OPTIONS.find((option) => read.get(option) !== undefined);
    if (own !== undefined) throw read.wrong(own, 'given to the ThreadPool', read.get(own));
    const { core } = threads as ThreadPool;
    return () => core;
  }
  const settings = readThreads(read);
  return () => sharedPool(settings);
}
