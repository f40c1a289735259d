import type { Rule } from './rules.ts';

/** One rule, put to one operator, source or sink. Any test runner can run it: `test(check.title, check.run)`. */
export interface Check {
  /** The number of the rule. */
  readonly rule: Rule;
  /** Names the rule and what is done: unique in a list. */
  readonly title: string;
  /** Throws a `ConformanceError`, or rejects with one, if the rule is broken. */
  readonly run: () => void | Promise<void>;
}
