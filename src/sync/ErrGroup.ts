import { hooks } from '../core/hooks.ts';
import { isAbortError } from '../core/isAbortError.ts';
import { checkFunction, OptionReader } from '../core/options.ts';
import { Semaphore } from './Semaphore.ts';
import { listen, unlisten, type AbortListener } from '../core/abortListeners.ts';
import { signalOf } from './waiting/readSignal.ts';

/** The options of {@link ErrGroup}. */
export interface ErrGroupOptions {
  /** How many functions may run at once: an integer of 1 or more, or `Infinity`. Default `Infinity`. */
  limit?: number | undefined;
  /**
   * What an error does. `'first'` (default): it cancels the group, and `wait` rejects with it. `'all'`: the others go on, and
   * `wait` rejects with an `AggregateError` that has every error, in the order in which they came.
   */
  errors?: 'first' | 'all' | undefined;
  /** Cancels the group when it aborts: that counts as an error of the group, its reason. */
  signal?: AbortSignal | undefined;
  /** Names the group in `hooks.lateError`: 1 to 200 printable characters. Default `'ErrGroup'`. */
  name?: string | undefined;
}

/** What a function in a group is told. */
export interface ErrGroupContext {
  /** The signal of the group: aborts when the group is cancelled, with the error that did it as its reason. */
  readonly signal: AbortSignal;
}

/**
 * Runs functions side by side, waits for all of them, and cancels the others when one fails.
 *
 * ```
 * go(a): [####]               limit: 2
 * go(b): [######x             x: fails
 * go(c):  ....[#!#]           .: waits for room, !: its signal aborts
 * wait:  ---------#           rejects with the error of b, once c has ended too
 * ```
 *
 * - **Starts** a function at once if fewer than `limit` run. Otherwise `go` **holds back**: its promise resolves when the
 *   function starts, first come first served. `tryGo` starts it or says that there is no room.
 * - **Completes**: `wait()` resolves when none runs or waits for room. A function that runs may add others.
 * - **Errors**: after the first error (or the abort of `signal`) the group is cancelled: its signal aborts, what waits for
 *   room never starts, nor does anything that is added later, and `wait()` rejects with that very error once all that run
 *   have ended. An error of one of those goes to `hooks.lateError`, unless it only says that it was cancelled.
 *   With `errors: 'all'` only `signal` cancels, and its reason is one of the errors.
 *
 * An error is never an unhandled rejection; a group that nobody waits for keeps it to itself. It holds one entry for each
 * function that runs or waits, and has no bound for them: `await group.go(...)` has one waiting at most. With `'all'` it also
 * holds every error.
 *
 * @example
 * ```ts
 * const group = new ErrGroup({ limit: 8 });
 * for (const url of urls) await group.go(({ signal }) => download(url, { signal }));
 * await group.wait(); // rejects with the first error
 * ```
 *
 * A function has to heed its signal to be cancelled. It must not wait for its own group, which waits for it.
 *
 * @see `allOf` and `bestEffort`, for Observables whose values are wanted. `workerPool`, for the items of a flow.
 * {@link Semaphore}, for a limit alone. After `golang.org/x/sync/errgroup`.
 * @throws TypeError or RangeError if an option is wrong.
 */
export class ErrGroup {
  readonly #name: string;
  readonly #collects: boolean;
  readonly #room: Semaphore | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #controller = new AbortController();
  /** Ends the wait for room, of each function that waits for it. */
  readonly #queued = new Set<() => void>();
  /** With `'first'` no more than one. */
  readonly #errors: unknown[] = [];
  readonly #onIdle: (() => void)[] = [];
  readonly #onAbort: AbortListener = { aborted: (reason) => this.#cancel(reason) };
  #running = 0;
  #isCancelled = false;

  constructor(options: ErrGroupOptions = {}) {
    const read = new OptionReader<ErrGroupOptions>('ErrGroup', options, ['limit', 'errors', 'signal', 'name']);
    const limit = read.count('limit', 1, Infinity, true);
    this.#room = limit === Infinity ? undefined : new Semaphore(limit);
    this.#collects = read.oneOf('errors', ['first', 'all'], 'first') === 'all';
    this.#outer = signalOf(read);
    this.#name = read.stageName('ErrGroup');
  }

  /** The signal that every function is given. It aborts when the group is cancelled, and not when all have ended well. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Runs a function as soon as there is room, at once if there is. Resolves when it has started, or when it never will
   * because the group is cancelled, which {@link ErrGroup.wait} tells. It never rejects.
   *
   * @throws TypeError if `fn` is no function.
   */
  go(fn: (context: ErrGroupContext) => unknown): Promise<void> {
    checkFunction('go', 'fn', fn);
    if (!this.#admits()) return Promise.resolve();
    if (this.#room === undefined || this.#room.tryAcquire()) {
      this.#start(fn);
      return Promise.resolve();
    }
    return this.#queue(fn, this.#room);
  }

  /**
   * Runs a function if there is room now, and says whether it did. Otherwise it never runs: there is no room, others wait for
   * it, or the group is cancelled.
   *
   * @throws TypeError if `fn` is no function.
   */
  tryGo(fn: (context: ErrGroupContext) => unknown): boolean {
    checkFunction('tryGo', 'fn', fn);
    if (!this.#admits() || this.#room?.tryAcquire() === false) return false;
    this.#start(fn);
    return true;
  }

  /**
   * Waits until no function runs or waits for room. Resolves if none has failed. Otherwise it rejects with the first error, or
   * with an `AggregateError` of all. It may be called any number of times, also during and after the work: a group without
   * errors can be used again, one with errors rejects each time.
   */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        const errors = this.#errors;
        if (errors.length === 0) resolve();
        else if (this.#collects) reject(new AggregateError(errors, `${errors.length} errors in "${this.#name}"`));
        else reject(errors[0]);
      };
      if (this.#isIdle) settle();
      else this.#onIdle.push(settle);
    });
  }

  get #isIdle(): boolean {
    return this.#running === 0 && this.#queued.size === 0;
  }

  /** Whether functions may still begin. An abort counts from the moment at which it keeps one from that. */
  #admits(): boolean {
    if (this.#outer?.aborted === true) this.#cancel(this.#outer.reason);
    return !this.#isCancelled;
  }

  #queue(fn: (context: ErrGroupContext) => unknown, room: Semaphore): Promise<void> {
    return new Promise((resolve) => {
      const forget = (): void => {
        this.#queued.delete(giveUp);
        resolve();
      };
      const leave = room.wait(1, () => {
        forget();
        this.#start(fn);
      });
      const giveUp = (): void => {
        leave();
        forget();
      };
      this.#queued.add(giveUp);
    });
  }

  /** Runs a function that has its room. What waits for room has others before it that run: so the first to run is here. */
  #start(fn: (context: ErrGroupContext) => unknown): void {
    if (this.#running++ === 0 && this.#outer !== undefined) listen(this.#outer, this.#onAbort);
    void this.#run(fn);
  }

  async #run(fn: (context: ErrGroupContext) => unknown): Promise<void> {
    try {
      await fn({ signal: this.signal });
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#ended();
    }
  }

  #ended(): void {
    // Who waits for room takes the place before the group can be idle.
    this.#running--;
    this.#room?.release();
    if (!this.#isIdle) return;
    if (this.#outer !== undefined) unlisten(this.#outer, this.#onAbort);
    for (const settle of this.#onIdle.splice(0)) settle();
  }

  #failed(error: unknown): void {
    if (this.#isCancelled && (error === this.signal.reason || isAbortError(error))) return;
    if (this.#collects) this.#errors.push(error);
    else if (this.#isCancelled) hooks.lateError(error, this.#name);
    else this.#cancel(error);
  }

  #cancel(reason: unknown): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#errors.push(reason);
    for (const giveUp of this.#queued) giveUp();
    this.#controller.abort(reason);
  }
}
