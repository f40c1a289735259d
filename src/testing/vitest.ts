import { expect } from 'vitest';
import { compareMarbles } from './compareMarbles.ts';

declare module 'vitest' {
  interface Matchers<T> {
    /**
     * Expects the list of messages, or of subscriptions, that a `TestScheduler` has made to be the list that it expects. What
     * differs is shown as marble diagrams, column below column.
     *
     * `sluice/testing/vitest` has to be imported once, best in a file that `setupFiles` names.
     *
     * @example
     * ```ts
     * const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqualMarbles(expected));
     * ```
     */
    toEqualMarbles(expected: unknown): void;
  }
}

/**
 * The matcher `toEqualMarbles`, which compares what a `TestScheduler` has seen with what it expects, and shows both as marble
 * diagrams where they differ. Importing this module gives it to `expect`.
 *
 * @see `assertMarbles`, which does the same without vitest. `marbles`, which needs neither.
 * @throws TypeError if one of the two is not a list as `TestScheduler` makes them.
 */
export function toEqualMarbles(
  actual: unknown,
  expected: unknown,
): { pass: boolean; message: () => string; actual?: unknown; expected?: unknown } {
  const difference = compareMarbles('toEqualMarbles', actual, expected);
  if (difference === undefined) return { pass: true, message: () => 'Marbles are equal, and should differ' };
  const { message, ...lists } = difference;
  return { pass: false, message: () => message, ...lists };
}

expect.extend({ toEqualMarbles });
