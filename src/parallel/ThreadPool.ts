import { OptionReader } from '../core/options.ts';
import { readDuration } from '../core/readers.ts';
import { PoolCore } from './pool/PoolCore.ts';
import { readSize, readThreads, THREAD_OPTIONS, type ThreadOptions } from './pool/readThreads.ts';

/** How a {@link ThreadPool} is made. */
export interface ThreadPoolOptions extends ThreadOptions {
  /**
   * How many threads there may be: an integer from 1 to 256, or `'auto'` (default): as many as the machine can run at once
   * (`os.availableParallelism()`), or what the environment variable `SLUICE_THREADS` says.
   */
  threads?: number | 'auto' | undefined;
  /** After how many milliseconds without work a thread is ended: 0 to 2147483647. Default 10,000. */
  idleTimeout?: number | undefined;
}

/**
 * Threads that stages share, given to them as `parallel(task, { threads: pool })`, and that stay warm from one flow to the next.
 *
 * A thread is started when there is work for it, and ended after `idleTimeout` without any. Threads without work do not keep the
 * process alive. A stage that is given no pool uses one that it shares with all stages of the same settings, which ends with the
 * last of them.
 *
 * @example
 * ```ts
 * const pool = new ThreadPool({ threads: 4 });
 * await lastValueFrom(images.pipe(parallel(resize, { threads: pool })));
 * await pool.close();
 * ```
 *
 * @throws TypeError or RangeError if an option is wrong.
 */
export class ThreadPool {
  /** @internal */
  readonly core: PoolCore;

  constructor(options: ThreadPoolOptions = {}) {
    const read = new OptionReader<ThreadPoolOptions>('ThreadPool', options, [
      'threads',
      'idleTimeout',
      ...THREAD_OPTIONS,
    ]);
    this.core = new PoolCore(readThreads(read), readDuration(read, 'idleTimeout') ?? 10_000);
  }

  /** How many threads there may be. */
  get size(): number {
    return this.core.size;
  }

  /** How many threads there are now. */
  get running(): number {
    return this.core.running;
  }

  /** How many threads have taken the place of one that died or was replaced. */
  get restarts(): number {
    return this.core.restarts;
  }

  /**
   * Changes how many threads there may be. Surplus threads finish what they have in hand. Keys of a stage with `key` move as few as can
   * be (rendezvous hashing), each after its items in hand are done.
   *
   * @throws TypeError or RangeError if `threads` is no integer from 1 to 256.
   */
  resize(threads: number): void {
    this.core.resize(readSize('resize', threads));
  }

  /** Ends all threads. Stages that still use them fail. Resolves when the threads are gone. */
  close(): Promise<void> {
    return this.core.close();
  }
}
