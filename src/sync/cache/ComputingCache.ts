import { LRUCache } from 'lru-cache';
import { now } from '../../core/clock.ts';
import { hooks } from '../../core/hooks.ts';
import { isAbortError } from '../../core/isAbortError.ts';
import { isThenable } from '../../core/isThenable.ts';
import { whenSettled } from '../../core/whenSettled.ts';
import type { Cache, CacheGetOptions, CacheStats, ComputeContext } from '../getOrCompute.ts';
import { readSignal } from '../waiting/readSignal.ts';
import type { CacheSettings } from './CacheSettings.ts';
import { Computation } from './Computation.ts';
import { rejected, tell, type Entry } from './Entry.ts';
import { identityOf, type Identity } from './Identity.ts';

/** A {@link Cache}. */
export class ComputingCache<K, V> implements Cache<K, V> {
  readonly #settings: CacheSettings<K, V>;
  /**
   * Its own times are not used, which take a time of 0 for none, as a virtual clock begins with. Its bound is `maxSize` with
   * entries of size 1, since for `max` it takes memory for all of them at once.
   */
  readonly #entries: LRUCache<Identity, Entry<V>>;
  /** The computation that everyone joins, for each key that has one. */
  readonly #computations = new Map<Identity, Computation<K, V>>();
  readonly #counts = { hits: 0, stale: 0, misses: 0, shared: 0, refreshes: 0, failures: 0, evicted: 0, running: 0 };

  constructor(settings: CacheSettings<K, V>) {
    this.#settings = settings;
    const options: LRUCache.Options<Identity, Entry<V>, unknown> = {
      maxSize: settings.max,
      sizeCalculation: () => 1,
      disposeAfter: (_entry, id, reason) => {
        if (reason === 'evict') this.#evicted(id);
      },
    };
    // It would take options from the prototype.
    this.#entries = new LRUCache(Object.setPrototypeOf(options, null) as typeof options);
  }

  get(key: K, options?: CacheGetOptions): Promise<V> {
    try {
      return this.#get(key, options === undefined ? undefined : readSignal('get', options));
    } catch (error) {
      // A wrong option rejects too: whoever calls this has one place in which to look for errors.
      return rejected(error);
    }
  }

  delete(key: K): boolean {
    const id = identityOf(this.#settings.identify(key));
    const computation = this.#computations.get(id);
    const wasThere = this.#entries.delete(id) || computation !== undefined;
    this.#computations.delete(id);
    computation?.forget();
    return wasThere;
  }

  clear(): void {
    const computations = [...this.#computations.values()];
    this.#entries.clear();
    this.#computations.clear();
    for (const computation of computations) computation.forget();
  }

  stats(): CacheStats {
    return { ...this.#counts, size: this.#entries.size };
  }

  #get(key: K, signal: AbortSignal | undefined): Promise<V> {
    if (signal?.aborted === true) return rejected(signal.reason);
    const id = identityOf(this.#settings.identify(key));
    const entry = this.#entries.get(id);
    if (entry !== undefined) {
      const time = now();
      if (time < entry.freshUntil) {
        this.#counts.hits++;
        return tell(entry);
      }
      if (time < entry.staleUntil) {
        this.#counts.stale++;
        if (time >= entry.refreshFrom && !this.#computations.has(id)) this.#refresh(key, id);
        return tell(entry);
      }
      this.#entries.delete(id);
    }
    const running = this.#computations.get(id);
    if (running !== undefined) {
      this.#counts.shared++;
      return running.join(signal);
    }
    this.#counts.misses++;
    const computation = this.#prepare(key, id, false);
    // Before it begins: the function may abort the signal.
    const value = computation.join(signal);
    this.#begin(computation);
    return value;
  }

  #refresh(key: K, id: Identity): void {
    this.#counts.refreshes++;
    this.#begin(this.#prepare(key, id, true));
  }

  #prepare(key: K, id: Identity, isRefresh: boolean): Computation<K, V> {
    const computation = new Computation<K, V>(key, id, isRefresh, (cancelled) => this.#left(cancelled));
    // Before the function is called, which may ask for the same key.
    this.#computations.set(id, computation);
    this.#counts.running++;
    return computation;
  }

  #begin(computation: Computation<K, V>): void {
    const context: ComputeContext = {
      get signal() {
        return computation.signal;
      },
    };
    const succeeded = (value: V): void => this.#succeeded(computation, value);
    const failed = (error: unknown): void => this.#failed(computation, error);
    let output: PromiseLike<V> | V;
    let isPromise: boolean;
    try {
      output = this.#settings.compute(computation.key, context);
      // A value may throw when it is asked.
      isPromise = isThenable(output);
    } catch (error) {
      return failed(error);
    }
    // Without a promise of ours in between: in virtual time too it ends in the frame in which it does.
    if (isPromise) whenSettled(output as PromiseLike<V>, succeeded, failed);
    else succeeded(output as V);
  }

  #succeeded(computation: Computation<K, V>, value: V): void {
    if (computation.isOver) return;
    this.#left(computation);
    const { ttl, stale } = this.#settings;
    if (computation.isKept) this.#remember(computation.id, { value }, ttl, stale);
    computation.end(({ resolve }) => resolve(value));
  }

  #failed(computation: Computation<K, V>, error: unknown): void {
    const { negativeTtl, name } = this.#settings;
    if (computation.isOver) {
      if (error !== computation.signal.reason && !isAbortError(error)) hooks.lateError(error, name);
      return;
    }
    this.#counts.failures++;
    this.#left(computation);
    if (computation.isKept) {
      const old = this.#entries.peek(computation.id);
      const time = now();
      if (old !== undefined && time < old.staleUntil) old.refreshFrom = time + negativeTtl;
      else this.#remember(computation.id, { error }, negativeTtl, 0);
    }
    if (computation.isAwaited) computation.end(({ reject }) => reject(error));
    else this.#report(error, computation);
  }

  #report(error: unknown, computation: Computation<K, V>): void {
    try {
      this.#settings.onRefreshError(error, computation.key);
    } catch (thrown) {
      hooks.lateError(thrown, this.#settings.name);
    }
  }

  #remember(id: Identity, outcome: Entry<V>['outcome'], ttl: number, stale: number): void {
    const freshUntil = now() + ttl;
    // What nobody could be given must not take the room of others, nor stay behind what it replaces.
    if (ttl + stale > 0) this.#entries.set(id, { outcome, freshUntil, staleUntil: freshUntil + stale, refreshFrom: 0 });
    else this.#entries.delete(id);
  }

  /** A computation has ended, or was cancelled: the next who asks begins another, unless its result is remembered. */
  #left(computation: Computation<K, V>): void {
    computation.isOver = true;
    this.#counts.running--;
    if (this.#computations.get(computation.id) === computation) this.#computations.delete(computation.id);
  }

  #evicted(id: Identity): void {
    this.#counts.evicted++;
    const refresh = this.#computations.get(id);
    if (refresh === undefined) return;
    this.#computations.delete(id);
    refresh.forget();
  }
}
