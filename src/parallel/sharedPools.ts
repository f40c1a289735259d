import { PoolCore } from './pool/PoolCore.ts';
import type { PoolSettings } from './pool/readThreads.ts';

/** The pools that stages share without having been given one: one for each set of settings, as long as a stage uses it. */
const shared = new Map<string, PoolCore>();

/** The pool for these settings: the one in use, or a new one. */
export function sharedPool(settings: PoolSettings): PoolCore {
  const key = JSON.stringify(settings, (_, value: unknown) => (value === Infinity ? 'Infinity' : value));
  const known = shared.get(key);
  if (known !== undefined) return known;
  const pool = new PoolCore(settings, IDLE_TIMEOUT, () => shared.delete(key));
  shared.set(key, pool);
  return pool;
}

/** Milliseconds after which a thread without work is ended although a stage is there. */
const IDLE_TIMEOUT = 10_000;
