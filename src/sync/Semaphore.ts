import { outOfRange, wrongType } from '../core/errors.ts';
import { checkCount } from '../core/options.ts';
import { listen, unlisten, type AbortListener } from '../core/abortListeners.ts';
import { Line } from '../core/line.ts';
import { readSignal } from './waiting/readSignal.ts';
import { Waiter } from './waiting/Waiter.ts';

/** The options of {@link Semaphore.acquire}. */
export interface AcquireOptions {
  /** Ends the wait: no permit is taken, and the promise rejects with the reason of the signal. */
  signal?: AbortSignal | undefined;
}

/**
 * Lets only so much go on at once: whoever begins takes permits, gives them back at the end, and waits in line while there are
 * too few.
 *
 * ```
 * first:  [##########]            size: 2
 * second: [####]
 * third:   ....[########]         #: has a permit, .: waits for one
 * ```
 *
 * - **Grants** permits in the order in which they were asked for, whatever their weights: a heavy request is not overtaken by
 *   light ones behind it (no barging), so none waits for ever. Several are granted at once if there is room for them.
 * - **Holds back**: `acquire` waits while there are too few permits, or somebody waits already.
 * - **Cancels**: an abort of the signal ends the wait; no permit is taken, and whoever stood behind may be next.
 * - **Errors**: giving back more than is held throws, and changes nothing.
 *
 * It holds one entry for each request that waits, and has no bound for them: a caller that awaits has one at most. Taking,
 * giving back and cancelling take constant time.
 *
 * @example
 * ```ts
 * const semaphore = new Semaphore(4);
 * async function download(url: string): Promise<Response> {
 *   await semaphore.acquire();
 *   try {
 *     return await fetch(url);
 *   } finally {
 *     semaphore.release();
 *   }
 * }
 * ```
 *
 * Where all the work comes from one flow, `workerPool` with its `concurrency` does the same and also holds the source back. A
 * semaphore is for a limit that several flows share, or for code that is no flow.
 *
 * @see {@link withPermit}, which takes and gives back permits around an Observable. `ErrGroup`, which also gathers the errors of
 * what it lets run. After `golang.org/x/sync/semaphore`.
 * @throws TypeError or RangeError if `size` is no integer of 1 or more.
 */
export class Semaphore {
  /** How many permits there are in all. */
  readonly size: number;
  #available: number;
  readonly #line = new Line<Waiter>();
  /** Whether {@link Semaphore.#grant} is at work further up the stack. */
  #isGranting = false;

  constructor(size: number) {
    this.size = this.#available = checkCount('Semaphore', 'size', size, 1);
  }

  /** How many permits nobody has. */
  get available(): number {
    return this.#available;
  }

  /** How many requests stand in line. One for more permits than there are does not: see {@link Semaphore.acquire}. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Takes `weight` permits (default 1) and waits in line until it can. Resolves once they are taken. Otherwise none is taken,
   * and it rejects: with the reason of `signal` if that has aborted, or does during the wait; with a TypeError or RangeError
   * if an argument is wrong. More permits than there are it never gets: then it ends only with the signal, and nobody waits
   * behind it.
   */
  acquire(weight?: number, options?: AcquireOptions): Promise<void>;
  acquire(options: AcquireOptions): Promise<void>;
  acquire(first: number | AcquireOptions = 1, second?: AcquireOptions): Promise<void> {
    // A wrong argument rejects too: whoever calls this has one place in which to look for errors.
    return new Promise((resolve, reject) => {
      const isShort = typeof first === 'object' && first !== null;
      if (isShort && second !== undefined) throw wrongType('acquire', 'weight', 'a number, before options', first);
      const weight = isShort ? 1 : checkCount('acquire', 'weight', first, 1);
      const options = isShort ? first : second;
      const signal = options === undefined ? undefined : readSignal('acquire', options);
      if (signal === undefined) this.wait(weight, resolve);
      else if (signal.aborted) reject(signal.reason);
      else this.#waitUnlessAborted(weight, signal, resolve, reject);
    });
  }

  /**
   * Takes `weight` permits (default 1) if that needs no waiting, and says whether it did. Takes none if there are too few, and
   * none while others stand in line.
   *
   * @throws TypeError or RangeError if `weight` is no integer of 1 or more.
   */
  tryAcquire(weight = 1): boolean {
    return this.#take(checkCount('tryAcquire', 'weight', weight, 1));
  }

  /**
   * Gives `weight` permits (default 1) back, and hands them to those in line before it returns. If fewer are held it throws, and
   * none is given back.
   *
   * @throws TypeError or RangeError if `weight` is no integer of 1 or more, or more than is held.
   */
  release(weight = 1): void {
    checkCount('release', 'weight', weight, 1);
    const held = this.size - this.#available;
    if (weight > held) {
      const rule = `no more than is held, which is ${held}: release once for each acquire, with the same weight`;
      throw outOfRange('release', 'weight', rule, weight);
    }
    this.#available += weight;
    this.#grant();
  }

  /**
   * Calls `granted` once, when `weight` permits are taken: before it returns, if that needs no waiting. What it gives ends
   * the wait, and does nothing after that. It knows no promises, so that operators keep to the frame.
   *
   * @internal
   */
  wait(weight: number, granted: () => void, signal?: AbortSignal): () => void {
    if (this.#take(weight)) {
      granted();
      return nothing;
    }
    const waiter = new Waiter(weight, granted, signal);
    // Nobody must wait behind one that is never served.
    if (weight <= this.size) this.#line.push(waiter);
    return () => {
      waiter.leave();
      this.#grant();
    };
  }

  #waitUnlessAborted(
    weight: number,
    signal: AbortSignal,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ): void {
    if (this.#take(weight)) return resolve();
    const onAbort: AbortListener = {
      aborted(reason) {
        reject(reason);
        leave();
      },
    };
    const granted = (): void => {
      unlisten(signal, onAbort);
      resolve();
    };
    const leave = this.wait(weight, granted, signal);
    listen(signal, onAbort);
  }

  #take(weight: number): boolean {
    if (weight > this.#available || this.#line.length > 0) return false;
    this.#available -= weight;
    return true;
  }

  /** Serves the line from its head for as long as there is room, in one flat loop. */
  #grant(): void {
    // Who is granted something may give it back at once: the loop further up goes on.
    if (this.#isGranting) return;
    this.#isGranting = true;
    try {
      for (let { first } = this.#line; first !== undefined; first = this.#line.first) {
        const { weight, signal } = first;
        const isAborted = signal?.aborted === true;
        if (weight > this.#available && !isAborted) break;
        first.leave();
        // One that is aborted and not yet told, because its turn among the listeners has not come, takes none.
        if (isAborted) continue;
        this.#available -= weight;
        first.granted();
      }
    } finally {
      this.#isGranting = false;
      // One that throws must not keep the others waiting.
      if ((this.#line.first?.weight ?? Infinity) <= this.#available) this.#grant();
    }
  }
}

function nothing(): void {}
