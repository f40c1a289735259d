import { map, mergeMap, of } from 'rxjs';
import { codeOf } from '../codeOf.ts';
import { isBounded, waits, type OperatorCase } from './OperatorCase.ts';

/** Checks of chains, of sources that cannot be paused, and of bursts. */
export const limits: readonly OperatorCase[] = [
  {
    rule: 'R-16',
    does: 'a closed gate below a chain of 1, 3, 10 and 100',
    applies: (subject) => waits(subject) && subject.bound < Infinity && (subject.given.chain ?? 1) > 0,
    *steps(t) {
      const { bound, given } = t.subject;
      const isChain = given.chain !== undefined || (given.item === undefined && given.contents === undefined);
      for (const depth of isChain ? [1, 3, 10, 100] : [1]) {
        const lower = t.lower(`consumer below ${depth}`);
        lower.shut();
        const upper = t.upper({ items: (bound + 1) * depth + 20, ends: 'complete' });
        let flow$ = upper.items$;
        for (let i = 0; i < depth; i++)
          flow$ = flow$.pipe(
            map((x) => x),
            t.operator(),
            mergeMap((x) => of(x)),
          );
        lower.subscribe(flow$);
        yield;
        const sent = t.passing(upper.sent);
        t.holds(sent <= bound * depth, `at most ${depth} times ${bound} items taken`, `${upper.sent} taken`);
        if (depth > 10) {
          lower.unsubscribe();
          continue;
        }
        lower.open();
        yield () => lower.ended !== undefined;
        t.completed(lower, upper.sent);
      }
    },
  },
  {
    rule: 'R-17',
    does: 'a source that cannot be paused sends more than it may hold',
    applies: isBounded,
    *steps(t) {
      const count = t.subject.bound + 15;
      const lower = t.lower('consumer', true);
      lower.shut();
      const upper = t.upper({ kind: 'loose' });
      t.connect(upper, lower);
      upper.offer(count);
      yield;
      t.same('warnings', t.warnings.length, 1);
      lower.open();
      upper.complete();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-17',
    does: 'a source that cannot be paused goes beyond the overflow limit',
    applies: (subject) => isBounded(subject) && (subject.given.overflowLimit ?? Infinity) < 1e5,
    *steps(t) {
      const most = t.subject.bound + (t.subject.given.overflowLimit ?? 0);
      const lower = t.lower('consumer', true);
      lower.shut();
      const upper = t.upper({ kind: 'loose' });
      t.connect(upper, lower);
      upper.offer(most);
      t.same('the end at the limit', lower.ended, undefined);
      upper.offer(1);
      yield () => lower.ended !== undefined;
      t.same('the end beyond the limit', lower.ended ?? 'none', 'failed');
      t.same('the code of the error', codeOf(lower.error), 'ERR_OVERFLOW');
      t.same('subscriptions of the source', upper.active, 0, 'R-45');
    },
  },
  {
    rule: 'R-18',
    does: 'the source is woken for bursts, not for items',
    applies: (subject) => isBounded(subject) && (subject.given.burst ?? 0) > 1,
    *steps(t) {
      const { bound, given } = t.subject;
      const rounds = 20;
      const count = bound + rounds * (given.burst ?? 1);
      const lower = t.lower();
      lower.shut();
      const upper = t.upper({ items: count, ends: 'complete' });
      t.connect(upper, lower);
      while (lower.ended === undefined && lower.results < count) {
        const { results } = lower;
        lower.allow(1);
        yield () => lower.results > results;
        if (lower.results === results) break;
      }
      t.holds(upper.woken <= rounds + 2, `at most ${rounds + 2} wakings for ${count} items`, `${upper.woken}`);
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
];
