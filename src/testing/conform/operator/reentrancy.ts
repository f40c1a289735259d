import { take } from 'rxjs';
import type { OperatorCapabilities } from '../OperatorCapabilities.ts';
import { many, runs, surplus, waits, type OperatorCase } from './OperatorCase.ts';
import type { Subject } from './OperatorTrial.ts';

/** Checks of what happens inside something else, and of the stack. */
export const reentrancy: readonly OperatorCase[] = [
  {
    rule: 'R-20',
    does: 'the consumer makes the source send another item from within each value',
    applies: ({ whenFull }) => whenFull === 'wait' || whenFull === 'merge',
    *steps(t) {
      const half = surplus(t.subject) >> 1;
      const count = 2 * half;
      // What holds nothing passes on what is nested already.
      for (const kind of t.subject.bound > 0 ? (['loose', 'pausable'] as const) : (['pausable'] as const)) {
        const lower = t.lower(`consumer of a ${kind} source`, true);
        const upper = t.upper({ kind });
        let left = half;
        lower.onNext = () => {
          // Two at a time, so that one has to wait behind the other.
          const more = Math.min(left, 2);
          left -= more;
          if (more > 0) upper.offer(more);
        };
        t.connect(upper, lower);
        upper.offer(half);
        yield () => upper.sent >= count;
        lower.onNext = () => {};
        upper.offer(left);
        upper.complete();
        yield () => lower.ended !== undefined;
        t.completed(lower, count);
      }
    },
  },
  {
    rule: 'R-21',
    does: 'the consumer closes its gate inside every value and opens it inside every other',
    applies: waits,
    *steps(t) {
      const count = many(t.subject);
      const lower = t.lower();
      lower.onNext = (index) => {
        lower.shut();
        if (index % 2 === 0) lower.open();
      };
      t.connect(t.upper({ items: count, ends: 'complete' }), lower);
      for (let i = 0; i < 2 * count && lower.ended === undefined; i++) {
        yield () => lower.ended !== undefined || !lower.gate.isOpen;
        lower.open();
      }
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-21',
    does: 'the source ends, or fails, inside a value',
    *steps(t) {
      const error = new Error('the source fails');
      const completing = t.upper({ kind: 'loose' });
      const failing = t.upper({ kind: 'loose' });
      const a = t.lower('consumer a', true);
      const b = t.lower('consumer b', true);
      a.onNext = (index) => index === 0 && completing.complete();
      b.onNext = (index) => index === 0 && failing.fail(error);
      t.connect(completing, a);
      t.connect(failing, b);
      // One at a time, so that the end comes inside the value and no item does.
      for (let i = 0; i < many(t.subject) && (a.results === 0 || b.results === 0); i++) {
        if (a.results === 0) completing.offer(1);
        if (b.results === 0) failing.offer(1);
        yield;
      }
      if (a.results === 0) completing.complete();
      if (b.results === 0) failing.fail(error);
      yield () => a.ended !== undefined && b.ended !== undefined;
      t.completed(a, completing.sent);
      t.failed(b, error);
      t.first(b, failing.sent, 'R-31');
    },
  },
  {
    rule: 'R-22',
    does: 'a hundred thousand items, each finished at once',
    *steps(t) {
      t.inFlow = false;
      const count = t.subject.given.isAsync === true ? 5_000 : 100_000;
      const lower = t.connect(t.upper({ items: count, ends: 'complete' }));
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-22',
    does: 'a hundred thousand items that finish at once behind some that finish late',
    applies: runs,
    *steps(t) {
      t.inFlow = false;
      const { some, given, bound } = t.subject;
      const count = given.isAsync === true ? 5_000 : 100_000;
      const late = Math.min(some, bound, given.concurrency ?? 1);
      t.works.form = (index) => (index < late ? 'later' : 'value');
      const lower = t.connect(t.upper({ items: count, ends: 'complete' }));
      yield () => t.works.calls >= late;
      for (const work of t.works.open) work.finish();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-22',
    does: 'the gate below opens for one result, a hundred thousand times',
    applies: (subject) => waits(subject) && subject.given.isAsync !== true,
    *steps(t) {
      t.inFlow = false;
      const count = 100_000;
      const lower = t.lower();
      lower.shut();
      t.connect(t.upper({ items: count, ends: 'complete' }), lower);
      for (let i = 0; i <= count && lower.ended === undefined; i++) lower.allow(1);
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-22',
    does: 'a chain of as many as are promised',
    applies: ({ given }) => chainOf(given) > 0,
    *steps(t) {
      t.inFlow = false;
      const chain = chainOf(t.subject.given);
      let flow$ = t.upper({ items: 20, ends: 'complete' }).items$;
      for (let i = 0; i < chain; i++) flow$ = flow$.pipe(t.operator());
      const lower = t.lower().subscribe(flow$);
      yield () => lower.ended !== undefined;
      t.completed(lower, 20);
    },
  },
  {
    rule: 'R-23',
    does: 'three results are taken of a synchronous source that looks whether it is closed',
    applies: (subject) => flood(subject) >= 3,
    *steps(t) {
      const upper = t.upper({ kind: 'firehose', items: flood(t.subject), ends: 'complete' });
      const lower = t.lower('consumer', true);
      let sentAtThird = -1;
      lower.onNext = (index) => {
        if (index === 2) sentAtThird = upper.sent;
      };
      lower.subscribe(upper.items$.pipe(t.operator(), take(3)));
      yield () => lower.ended !== undefined;
      t.same('results', lower.results, 3);
      t.same('items sent until it stopped', upper.sent, sentAtThird);
      t.same('subscriptions of the source', upper.active, 0, 'R-45');
    },
  },
  {
    rule: 'R-23',
    does: 'three results are taken of a synchronous source that looks at nothing',
    applies: (subject) => flood(subject) >= 3,
    *steps(t) {
      const upper = t.upper({ kind: 'deaf', items: flood(t.subject), ends: 'complete' });
      const lower = t.lower('consumer', true);
      let callsAtThird = -1;
      lower.onNext = (index) => {
        if (index === 2) callsAtThird = t.works.calls;
      };
      lower.subscribe(upper.items$.pipe(t.operator(), take(3)));
      yield () => lower.ended !== undefined;
      t.same('results', lower.results, 3);
      t.same('calls of fn', t.works.calls, callsAtThird);
    },
  },
];

/** How many stand in a row: what holds nothing takes up stack as RxJS does, and has to do with less. */
function chainOf(given: OperatorCapabilities<unknown, unknown>): number {
  const isLink = given.item === undefined && given.contents === undefined;
  return given.chain ?? (isLink ? (given.bound === 0 ? 400 : 1_000) : 0);
}

/** Many more items than it holds; but no more than it may be sent by what cannot be paused. */
function flood(subject: Subject): number {
  return Math.min(many(subject) + 1_000, subject.bound + (subject.given.overflowLimit ?? Infinity));
}
