import { listen, unlisten } from '../../core/abortListeners.ts';
import type { Identity } from './Identity.ts';

/** Somebody who waits for a computation. */
interface Asker<V> {
  readonly signal: AbortSignal | undefined;
  resolve(value: V): void;
  reject(error: unknown): void;
  aborted(reason: unknown): void;
}

/** One computation for one key: everyone who waits for it, and its signal. */
export class Computation<K, V> {
  readonly key: K;
  readonly id: Identity;
  /** Whether its result is to be remembered. */
  isKept = true;
  /** Whether it was cancelled, or has its result. Set by the cache. */
  isOver = false;
  /** Whether it replaces a stale value, and so runs also if nobody waits for it. */
  #isRefresh: boolean;
  readonly #askers = new Set<Asker<V>>();
  /** Notes that it is over. */
  readonly #onCancel: (computation: Computation<K, V>) => void;
  #controller: AbortController | undefined;

  constructor(key: K, id: Identity, isRefresh: boolean, onCancel: (computation: Computation<K, V>) => void) {
    this.key = key;
    this.id = id;
    this.#isRefresh = isRefresh;
    this.#onCancel = onCancel;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  /** Whether anyone waits for it. */
  get isAwaited(): boolean {
    return this.#askers.size > 0;
  }

  /** Waits for the result, until `signal`, which has not aborted, does. */
  join(signal: AbortSignal | undefined): Promise<V> {
    return new Promise((resolve, reject) => {
      const asker: Asker<V> = {
        signal,
        resolve,
        reject,
        aborted: (reason) => {
          this.#askers.delete(asker);
          reject(reason);
          this.#cancelUnlessWanted(reason);
        },
      };
      this.#askers.add(asker);
      if (signal !== undefined) listen(signal, asker);
    });
  }

  /** Its result is not to be remembered: if nobody waits for it, it is cancelled. */
  forget(): void {
    this.isKept = this.#isRefresh = false;
    this.#cancelUnlessWanted(undefined);
  }

  /** Tells the result to all who wait for it. */
  end(tell: (asker: Pick<Asker<V>, 'resolve' | 'reject'>) => void): void {
    for (const asker of this.#askers) {
      if (asker.signal !== undefined) unlisten(asker.signal, asker);
      tell(asker);
    }
  }

  #cancelUnlessWanted(reason: unknown): void {
    if (this.isOver || this.#isRefresh || this.isAwaited) return;
    this.#onCancel(this);
    (this.#controller ??= new AbortController()).abort(reason);
  }
}
