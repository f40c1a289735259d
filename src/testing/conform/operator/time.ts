import { asyncScheduler } from 'rxjs';
import { show } from '../show.ts';
import type { OperatorCase } from './OperatorCase.ts';
import type { OperatorTrial } from './OperatorTrial.ts';

const HOUR = 3_600_000;

/** Checks of operators that measure time. */
export const time: readonly OperatorCase[] = [
  {
    rule: 'R-50',
    does: 'the wall clock jumps an hour back and forth between the items',
    applies: ({ given }) => given.time !== undefined && given.isAsync !== true,
    *steps(t) {
      const still = timeline(t, () => 0);
      yield;
      const jumping = timeline(t, (n) => [-HOUR, HOUR, 0, HOUR, -HOUR][n % 5]!);
      try {
        yield;
      } finally {
        jumping.restore();
      }
      t.same('the results and when they came', jumping.seen, still.seen);
    },
  },
  {
    rule: 'R-51',
    does: 'a delay of 2 ** 31 milliseconds',
    applies: ({ given }) => given.time?.delay !== undefined,
    *steps(t) {
      let operator;
      try {
        operator = t.subject.given.time?.delay?.(2 ** 31);
      } catch (error) {
        t.holds(error instanceof RangeError, 'a RangeError', show(error));
        return;
      }
      const lower = t.connect(t.upper({ items: 1 }), t.lower(), operator);
      const longest = t.clock.longest();
      yield;
      t.same('results within an hour', lower.results, 0);
      const isKept = longest < 2 ** 31;
      t.holds(isKept, 'the delay is refused with a RangeError, or divided', `a timer of ${longest} ms`);
    },
  },
];

/** What came and when, for items that are sent at these times. The wall clock is put off before each. */
function timeline(t: OperatorTrial, offset: (n: number) => number): { seen: string[]; restore: () => void } {
  const start = t.clock.now();
  const seen: string[] = [];
  // The wall clock is what is changed here.
  const clock: { now: () => number } = Date;
  const { now } = clock;
  const restore = (): void => void (clock.now = now);
  const upper = t.upper({ kind: 'loose' });
  const lower = t.lower(undefined, true);
  lower.onNext = () => seen.push(`${t.clock.now() - start}: ${show(lower.values.at(-1))}`);
  lower.onEnd = () => seen.push(`${t.clock.now() - start}: ${lower.ended}`);
  t.connect(upper, lower);
  TIMES.forEach((at, n) => {
    asyncScheduler.schedule(() => {
      clock.now = () => now.call(clock) + offset(n);
      upper.offer(1);
      if (n === TIMES.length - 1) {
        upper.complete();
        restore();
      }
    }, at);
  });
  return { seen, restore };
}

const TIMES = [0, 1, 3, 4, 5, 20, 21, 50, 200, 201, 1_500, 1_501];
