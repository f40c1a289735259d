import { hooks } from '../core/hooks.ts';
import { nameOf } from '../core/nameOf.ts';
import { OptionReader } from '../core/options.ts';
import { wrongType } from '../core/errors.ts';
import { readDuration, readFunction } from '../core/readers.ts';
import { ComputingCache } from './cache/ComputingCache.ts';

/** What the function is told that computes a value. */
export interface ComputeContext {
  /** Aborts when nobody waits for the value any longer, or when it would not be remembered. Made when first read. */
  readonly signal: AbortSignal;
}

/** The options of {@link getOrCompute}. */
export interface GetOrComputeOptions<K, V> {
  /** Makes the value of a key, or a promise of it. Required. It must not wait for its own key, which waits for it. */
  compute: (key: K, context: ComputeContext) => V | PromiseLike<V>;
  /** Gives what tells keys apart, compared as in a `Map`. Default: the key itself, so that two equal objects are two keys. */
  key?: ((key: K) => unknown) | undefined;
  /**
   * How many milliseconds a value is fresh, from when it was computed: 0 to 2147483647. Default: for as long as there is room.
   */
  ttl?: number | undefined;
  /** How many keys it remembers: an integer of 1 or more. The one that was asked for least recently makes room. Default 1,000. */
  max?: number | undefined;
  /**
   * For how many milliseconds after `ttl` a value is still given at once, while a new one is computed: 0 to 2147483647. Needs
   * `ttl`. Default 0.
   */
  staleWhileRevalidate?: number | undefined;
  /** How many milliseconds a failure is remembered, so that the key is not tried again: 0 to 2147483647. Default 0. */
  negativeTtl?: number | undefined;
  /** Takes the error of a refresh for which nobody waits. Default: `hooks.lateError`. */
  onRefreshError?: ((error: unknown, key: K) => void) | undefined;
  /** Names the cache in `hooks.lateError`: 1 to 200 printable characters. Default: the name of `compute`. */
  name?: string | undefined;
}

/** The options of {@link Cache.get}. */
export interface CacheGetOptions {
  /** Ends the wait: the promise rejects with the reason of the signal. The last one to leave cancels the computation. */
  signal?: AbortSignal | undefined;
}

/** What a cache has done. Every `get` that was not aborted before it began is a hit, stale, a miss, or shared. */
export interface CacheStats {
  /** How often what was asked for was there and fresh, a remembered failure too. */
  readonly hits: number;
  /** How often a value was given that is no longer fresh. */
  readonly stale: number;
  /** How often a `get` began a computation. */
  readonly misses: number;
  /** How often a `get` joined a computation that ran already. */
  readonly shared: number;
  /** How many computations were begun to replace a stale value. */
  readonly refreshes: number;
  /** How many computations failed. Those that were cancelled do not count. */
  readonly failures: number;
  /** How many keys made room for others. */
  readonly evicted: number;
  /** How many keys it remembers, those included whose time is over and which nobody has asked for since. */
  readonly size: number;
  /** How many computations run now. */
  readonly running: number;
}

/** Values by key, each computed when it is first asked for. Made by {@link getOrCompute}. */
export interface Cache<K, V> {
  /**
   * Gives the value of a key, and waits for its computation if need be. Rejects with the error of the computation; with the
   * reason of `signal` if that has aborted, or does during the wait; with what `key` throws; with a TypeError if an option is
   * wrong.
   */
  get(key: K, options?: CacheGetOptions): Promise<V>;
  /**
   * Forgets a key, and says whether there was something. Who waits for a computation of it still gets the result, which is not
   * remembered.
   */
  delete(key: K): boolean;
  /** Forgets all keys, in the same way. */
  clear(): void;
  /** What it has done so far. */
  stats(): CacheStats;
}

/**
 * Makes a cache that computes what it does not have: one computation for each key, however many ask.
 *
 * ```
 * get(k):   a-b-----c-----d------e      ttl: 5, staleWhileRevalidate: 10
 * compute:  [---]         [---]
 * result:   ----v---v-----v------w      a and b at frame 4, c and d at once; e too, and fresh
 * ```
 *
 * - **Gives** a fresh value at once. Otherwise everyone who asks shares one computation. Within `staleWhileRevalidate` the
 *   old value is given at once, and one new computation runs in the background.
 * - **Errors**: all who wait for a computation get its error. It is remembered for `negativeTtl`, so by default the next one
 *   who asks tries again. A refresh that fails leaves the old value until its end, is told to `onRefreshError`, and is tried
 *   again after `negativeTtl` at the earliest.
 * - **Cancels**: who aborts its signal leaves; when the last has left, the signal of the computation aborts, and what it gives is
 *   dropped. A refresh belongs to the value that it replaces: it is cancelled when that is deleted or makes room.
 *
 * It holds `max` keys at most, in a cache of the package `lru-cache`, and starts no timer: what is too old goes when it is
 * asked for or makes room. Computations have no bound of their own: each has somebody who waits for it, or replaces one of
 * the `max` values.
 *
 * @example
 * ```ts
 * const users = getOrCompute({
 *   compute: async (id: number, { signal }) => (await fetch(`/users/${id}`, { signal })).json(),
 *   ttl: 60_000,
 *   staleWhileRevalidate: 600_000,
 *   max: 10_000,
 * });
 * const [a, b] = await Promise.all([users.get(1), users.get(1)]); // one request
 * ```
 *
 * A value is worth keeping here if it takes longer to make than a promise, and is asked for more than once.
 *
 * @see {@link once}, for a single value. `shareReplay` of RxJS, for a stream that many subscribe. The refresh in the
 * background is that of RFC 5861, the single run for each key that of `golang.org/x/sync/singleflight`.
 * @param options See {@link GetOrComputeOptions}.
 * @throws TypeError or RangeError if an option is wrong, or `staleWhileRevalidate` is given without `ttl`.
 */
export function getOrCompute<K, V>(options: GetOrComputeOptions<K, V>): Cache<K, V> {
  const read = new OptionReader<GetOrComputeOptions<K, V>>('getOrCompute', options, [
    'compute',
    'key',
    'ttl',
    'max',
    'staleWhileRevalidate',
    'negativeTtl',
    'onRefreshError',
    'name',
  ]);
  const compute = readFunction(read, 'compute');
  if (compute === undefined) throw wrongType('getOrCompute', 'compute', 'a function', undefined);
  const ttl = readDuration(read, 'ttl');
  const stale = readDuration(read, 'staleWhileRevalidate');
  if (stale !== undefined && ttl === undefined) {
    throw wrongType('getOrCompute', 'ttl', 'given, since staleWhileRevalidate counts from its end', undefined);
  }
  const name = read.stageName(nameOf(compute));
  return new ComputingCache<K, V>({
    compute,
    identify: readFunction(read, 'key') ?? ((key) => key),
    ttl: ttl ?? Infinity,
    max: read.count('max', 1, 1000),
    stale: stale ?? 0,
    negativeTtl: readDuration(read, 'negativeTtl') ?? 0,
    onRefreshError: readFunction(read, 'onRefreshError') ?? ((error) => hooks.lateError(error, name)),
    name,
  });
}
