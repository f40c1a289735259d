/** What is known of the operator under test: checked `SimulateOptions`. */
export interface Rules {
  /** How many items it may hold when that many may run. */
  readonly bound: (limit: number) => number;
  /** How many may run at once, at first; `undefined` for an operator that calls no function. */
  readonly concurrency: number | undefined;
  readonly key: ((item: number) => unknown) | undefined;
  readonly perKey: number;
  readonly order: 'input' | 'completion' | 'none';
  readonly onError: 'stop' | 'skip' | 'emit' | 'deadLetter';
  readonly discards: boolean;
  readonly drops: boolean;
  readonly keeps: boolean;
  readonly isChain: boolean;
  readonly contents: (value: unknown) => readonly unknown[];
  readonly expected: ((items: readonly number[]) => readonly unknown[]) | undefined;
  readonly mayFail: (error: unknown) => boolean;
}

/**
 * What a value stands for, as far as it can be seen: a number for an item passed on as it is, a string for a value of the
 * function; arrays and results are looked into.
 */
export function contentsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(contentsOf);
  if (typeof value !== 'object' || value === null) return [value];
  const result = value as { ok?: unknown; value?: unknown; item?: unknown };
  if (result.ok === true) return contentsOf(result.value);
  if (result.ok === false && typeof result.item === 'number') return [`${result.item} failed`];
  return [value];
}
