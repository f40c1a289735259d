import { expect } from 'vitest';

/**
 * Expects a value, or a list item by item, to be the same as another. `expect` takes a hundred times as long as the look itself, so it
 * is asked only for the words of a failure: for what thousands of runs look at in each of their steps.
 */
export function hold(seen: unknown, expected: unknown, what?: string): void {
  if (isSame(seen, expected)) return;
  expect(seen, what).toEqual(expected);
  expect.fail(`${what ?? 'a value'} is equal to what was expected, and not the same`);
}

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
}
