import { AssertionError } from 'node:assert';
import { compareMarbles } from './compareMarbles.ts';

/**
 * Throws, with both lists drawn as marble diagrams, unless they are equal: what `TestScheduler` asks of the function that
 * it is made with.
 *
 * ```
 * Marbles differ at frame 5
 *
 * expected  --a--(bc|)
 * actual    --a---b|
 *                ^
 * ```
 *
 * Under the diagrams stands what the letters stand for. A value of one character stands for itself; every other has a letter
 * of its own, the same in both rows if it is equal in all its parts. A long silence is written as a time; of a long list
 * only the part around the first difference is drawn, so a message never has more than about a hundred lines.
 *
 * @example
 * ```ts
 * new TestScheduler(assertMarbles).run(({ cold, expectObservable }) => {
 *   expectObservable(cold('a-b|').pipe(map((s) => s.toUpperCase()))).toBe('A-B|');
 * });
 * ```
 *
 * @see `marbles`, which makes the `TestScheduler` too. `toEqualMarbles` of `sluice/testing/vitest`, which is the same for
 * `expect`. `deepStrictEqual` of Node.js, which compares in the same way and shows objects.
 * @param actual A list of messages, or of subscriptions, as `TestScheduler` hands it over.
 * @param expected A list of the same kind.
 * @throws AssertionError if they differ; its `actual` and `expected` are the lists, or of long ones the part that is drawn.
 * TypeError if one of them is no such list.
 */
export function assertMarbles(actual: unknown, expected: unknown): void {
  const difference = compareMarbles('assertMarbles', actual, expected);
  if (difference === undefined) return;
  throw new AssertionError({ ...difference, operator: 'assertMarbles', stackStartFn: assertMarbles });
}
