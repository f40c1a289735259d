import type { Rule } from '../rules.ts';
import type { Steps } from '../steps.ts';
import type { OperatorTrial, Subject } from './OperatorTrial.ts';

/** One check of operators. */
export interface OperatorCase {
  readonly rule: Rule;
  /** What it does, for the title. */
  readonly does: string;
  /** Whether it is about an operator that promises this. Default: it is about all. */
  readonly applies?: (subject: Subject) => boolean;
  /** Whether promises are involved, so that it cannot run in virtual time. */
  readonly usesPromises?: boolean;
  readonly steps: (trial: OperatorTrial) => Steps;
}

/** Whether the operator runs something for each item, and a check can have it under way. */
export const runs = ({ some }: Subject): boolean => some > 0;

/** Whether a failure of what it runs ends the flow. */
export const stops = (subject: Subject): boolean => runs(subject) && (subject.given.onError ?? 'stop') === 'stop';

/** Whether it holds its source back. */
export const waits = ({ whenFull }: Subject): boolean => whenFull === 'wait';

/** Whether it holds items, and no more than so many. */
export const isBounded = (subject: Subject): boolean => waits(subject) && subject.bound > 0 && subject.bound < Infinity;

/** As many items as a source that cannot be paused may send without going too far. */
export const surplus = (subject: Subject): number =>
  Math.min(many(subject), subject.bound + (subject.given.overflowLimit ?? Infinity));

/** More items than it holds. */
export const many = ({ bound }: Subject): number => 3 * (bound === Infinity ? 10 : bound) + 20;
