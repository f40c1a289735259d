import type { WorkWatch } from './workWatch.ts';

/**
 * The key under which a limit carries what binds it to a stage. Registered, so that two copies of this package in one program take
 * each other's limits.
 */
export const LIMIT: unique symbol = Symbol.for('sluice.limit') as never;

/** A stage as a limit sees it. A pool is one. */
export interface Limited<T, R> {
  /** Hears of the work in it. */
  watch: WorkWatch<T, R> | undefined;
  /** Changes how many items may run at once. */
  setLimit(limit: number): void;
  /** Ends it. */
  error(error: unknown): void;
}
