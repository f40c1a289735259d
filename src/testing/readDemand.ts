import { TestScheduler } from 'rxjs/testing';
import { wrongType, wrongValue } from '../core/errors.ts';

/** A drawing of a gate, read. */
export interface DrawnDemand {
  /** What is drawn, without the `|` that ends it. */
  readonly marbles: string;
  readonly changes: readonly { readonly frame: number; readonly isOpen: boolean }[];
  /** How many frames it takes. */
  readonly length: number;
}

/** What may be drawn: gate signs, groups of them, times, and spaces. */
const DEMAND = /^(?:[ ox-]|\([ ox]+\)|(?<= |^)\d+(?:ms|s|m) )*$/;

const RULE = "a diagram of 'o' (opens), 'x' (closes), '-' (stays), '(xo)', times such as '9ms', and '|' at its end";

/**
 * Reads a drawing of a gate, in run mode: a column is a frame.
 *
 * @throws TypeError, in the name of `fn`, if anything else is drawn.
 */
export function readDemand(fn: string, demand: unknown): DrawnDemand {
  if (typeof demand !== 'string') throw wrongType(fn, 'demand', RULE, demand);
  const marbles = `${demand.replace(/\| *$/, '')} `;
  if (!DEMAND.test(marbles)) throw wrongValue(fn, 'demand', RULE, demand);
  const messages = TestScheduler.parseMarbles(`${marbles}|`, undefined, undefined, false, true);
  const changes = messages.flatMap(({ frame, notification }) =>
    notification.kind === 'N' ? [{ frame, isOpen: notification.value === 'o' }] : [],
  );
  return { marbles, changes, length: messages.at(-1)!.frame };
}
