import type { ComputeContext } from '../getOrCompute.ts';

/** Checked `GetOrComputeOptions`. */
export interface CacheSettings<K, V> {
  readonly compute: (key: K, context: ComputeContext) => V | PromiseLike<V>;
  readonly identify: (key: K) => unknown;
  readonly ttl: number;
  readonly max: number;
  readonly stale: number;
  readonly negativeTtl: number;
  readonly onRefreshError: (error: unknown, key: K) => void;
  readonly name: string;
}
