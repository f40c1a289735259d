import { RULES, type Rule } from './rules.ts';

/** What a {@link ConformanceError} is made of. */
export interface Breach {
  readonly rule: Rule;
  readonly expected: string;
  readonly seen: string;
}

/** A rule that an operator, source or sink breaks: which, what was to be, what was seen, and what led to it. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  readonly code = 'ERR_CONFORMANCE';
  readonly rule: Rule;
  readonly expected: string;
  readonly seen: string;
  /** What happened before, in order; the middle of a long log is left out. */
  readonly log: readonly string[];

  constructor(check: string, { rule, expected, seen }: Breach, log: readonly string[]) {
    const { text, cause } = RULES[rule];
    const parts = [
      `${rule}: ${text}`,
      row('checked', check),
      row('expected', expected),
      row('seen', seen),
      row('log', log.join(`\n${' '.repeat(MARGIN)}`)),
      row('usually', cause),
    ];
    super(parts.join('\n'));
    this.rule = rule;
    this.expected = expected;
    this.seen = seen;
    this.log = log;
  }
}

const MARGIN = 12;

function row(head: string, text: string): string {
  return `  ${`${head}:`.padEnd(MARGIN - 2)}${text}`;
}
