import { TestScheduler } from 'rxjs/testing';
import { wrongType } from '../core/errors.ts';
import { isArrayOf } from '../core/options.ts';
import { compareMessages } from './diagram/compareMessages.ts';
import { compareSubscriptions, isStay } from './diagram/compareSubscriptions.ts';
import { isMessage } from './diagram/Message.ts';

/** In what two lists differ. */
export interface MarbleDifference {
  /** Both of them as diagrams, column below column, and what their letters stand for. */
  readonly message: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/**
 * Compares two lists as `TestScheduler` makes them, of messages or of subscriptions. Gives `undefined` if they are equal.
 *
 * @throws TypeError, in the name of `fn`, if one of them is no such list.
 */
export function compareMarbles(fn: string, actual: unknown, expected: unknown): MarbleDifference | undefined {
  const unit = TestScheduler.frameTimeFactor;
  if (isArrayOf(actual, isMessage) && isArrayOf(expected, isMessage)) return compareMessages(actual, expected, unit);
  if (isArrayOf(actual, isStay) && isArrayOf(expected, isStay)) return compareSubscriptions(actual, expected, unit);
  const isActualRight = isArrayOf(actual, isMessage) || isArrayOf(actual, isStay);
  const [name, wrong] = isActualRight ? (['expected', expected] as const) : (['actual', actual] as const);
  throw wrongType(fn, name, 'a list of messages or of subscriptions, as TestScheduler makes them', wrong);
}
