import { deepStrictEqual } from 'node:assert';

/** Throws unless both lists of frames are equal, as `TestScheduler` asks of the function that it is made with. */
export function assertMarbles(actual: unknown, expected: unknown): void {
  deepStrictEqual(actual, expected);
}
