import { Place } from '../../core/line.ts';

/** What a channel was failed with. */
export interface Failure {
  readonly error: unknown;
}

/** What takes values out of a channel: a subscription, or one call of an iterator's `next()`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a line of takers is one of takers of the same
export abstract class Taker<T> extends Place {
  /** Takes a value, if it is wanted now, and says whether it was. Called only on one that stood in the line of those that wait. */
  abstract offer(value: T): boolean;
  /** Ends it: nothing is left to take and nothing will come. Harmless when it has ended before. */
  abstract end(failure: Failure | undefined): void;
}
