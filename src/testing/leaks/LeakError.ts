import type { Leak } from './Leak.ts';

/** How many leaks a message lists, and how many calls of each. */
const LISTED = 20;
const CALLS = 8;

/** Something was still there after a test that should have left nothing. Release it before the body of `noLeaks` ends. */
export class LeakError extends Error {
  override readonly name = 'LeakError';
  readonly code = 'ERR_LEAK';
  /** What was left, all of it. */
  readonly leaks: readonly Leak[];

  constructor(leaks: readonly Leak[]) {
    const groups = grouped(leaks);
    const list = groups.slice(0, LISTED).map(({ stack, whats }, i) => {
      const calls = stack === '' ? [] : stack.split('\n').slice(0, CALLS);
      return [`${i + 1}. ${whats.join(', ').slice(0, 300)}`, ...calls.map((call) => `     ${call}`)].join('\n');
    });
    const rest = groups.length > LISTED ? [`and ${groups.length - LISTED} more`] : [];
    super(
      [`noLeaks(): ${leaks.length === 1 ? 'something is' : `${leaks.length} things are`} left`, ...list, ...rest].join(
        '\n',
      ),
    );
    this.leaks = leaks;
  }
}

/** What was made by one call is one entry: a worker and its ports, a signal listener and its handle. */
function grouped(leaks: readonly Leak[]): { stack: string; whats: string[] }[] {
  const groups: { stack: string; whats: string[] }[] = [];
  for (const { what, stack } of leaks) {
    // Without a stack each stands for itself.
    const known = stack === '' ? undefined : groups.find((group) => group.stack === stack);
    if (known === undefined) groups.push({ stack, whats: [what] });
    else known.whats.push(what);
  }
  return groups;
}
