import { NEVER, Observable } from 'rxjs';
import { foreign } from '../foreign.ts';
import { runs, type OperatorCase, many } from './OperatorCase.ts';

const FALSY: readonly unknown[] = [undefined, null, 0, '', NaN, false, -0, 0n];

/** Checks of beginning, end and independence. */
export const lifeCycle: readonly OperatorCase[] = [
  {
    rule: 'R-01',
    does: 'is made and put into a flow that nobody subscribes',
    *steps(t) {
      const upper = t.upper({ items: 3, ends: 'complete' });
      const flow$ = upper.items$.pipe(t.operator());
      t.holds(flow$ instanceof Observable, 'an Observable', typeof flow$);
      // Before time goes on: then they would have fired.
      yield* t.timersEnd();
      yield;
      t.same('subscriptions of the source', upper.subscriptions, 0);
      t.same('calls of fn', t.works.calls, 0);
      yield* t.timersEnd();
    },
  },
  {
    rule: 'R-02',
    does: 'a source completes twice and goes on emitting',
    *steps(t) {
      const rude$ = foreign((observer) => {
        observer.next(t.subject.item(0));
        observer.complete();
        observer.next(t.subject.item(1));
        observer.complete();
        observer.error(new Error('after the end'));
        return () => {};
      });
      const lower = t.connect(rude$);
      yield () => lower.ended !== undefined;
      t.completed(lower, 1);
    },
  },
  {
    rule: 'R-02',
    does: 'many items and the end',
    *steps(t) {
      const count = many(t.subject);
      const upper = t.upper({ items: count, ends: 'complete' });
      const lower = t.connect(upper);
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
      t.same('times the source was unsubscribed', upper.subscriptions - upper.active, 1, 'R-45');
    },
  },
  {
    rule: 'R-03',
    does: 'an empty source',
    *steps(t) {
      const lower = t.connect(t.upper({ ends: 'complete' }));
      yield () => lower.ended !== undefined;
      t.completed(lower, 0);
    },
  },
  {
    rule: 'R-04',
    does: 'a source that never emits',
    *steps(t) {
      const lower = t.connect(NEVER);
      yield;
      t.same('results', lower.results, 0);
      t.same('the end', lower.ended, undefined);
      lower.unsubscribe();
    },
  },
  {
    rule: 'R-05',
    does: 'two subscriptions of one call, side by side',
    *steps(t) {
      const operator = t.operator();
      const count = many(t.subject);
      const [left, right] = [t.upper(), t.upper()];
      const a = t.connect(left, t.lower('consumer a'), operator);
      const b = t.connect(right, t.lower('consumer b'), operator);
      for (let i = 0; i < count; i++) {
        left.offer(1);
        if (i % 2 === 0) right.offer(1);
      }
      left.complete();
      yield () => a.ended !== undefined;
      t.same('the end of the other', b.ended, undefined);
      right.complete();
      yield () => b.ended !== undefined;
      t.completed(a, count);
      t.completed(b, Math.ceil(count / 2));
    },
  },
  {
    rule: 'R-05',
    does: 'subscribed again after completion, an error and unsubscribe',
    *steps(t) {
      const operator = t.operator();
      const error = new Error('the source fails');
      const first = t.connect(t.upper({ items: 3, ends: 'complete' }), t.lower('first'), operator);
      yield () => first.ended !== undefined;
      const second = t.connect(t.upper({ items: 2, ends: { error } }), t.lower('second'), operator);
      yield () => second.ended !== undefined;
      const third = t.connect(t.upper({ items: 2 }), t.lower('third'), operator);
      yield;
      third.unsubscribe();
      const last = t.connect(t.upper({ items: 3, ends: 'complete' }), t.lower('fourth'), operator);
      yield () => last.ended !== undefined;
      t.completed(first, 3);
      t.failed(second, error);
      t.completed(last, 3);
    },
  },
  {
    rule: 'R-06',
    does: 'falsy items',
    applies: ({ given }) => given.falsy?.length !== 0,
    *steps(t) {
      const values = t.subject.given.falsy ?? FALSY;
      const lower = t.connect(t.upper({ items: values.length, value: (n) => values[n], ends: 'complete' }));
      yield () => lower.ended !== undefined;
      t.same('items', lower.values, [...values]);
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
    },
  },
  {
    rule: 'R-07',
    does: 'the source completes while works run and more wait',
    applies: runs,
    *steps(t) {
      const { some, bound } = t.subject;
      const count = Math.min(bound, some * 3);
      t.works.form = () => 'later';
      const upper = t.upper({ items: count, ends: 'complete' });
      const lower = t.connect(upper);
      while (t.works.calls < count || t.works.open.length > 0) {
        yield () => t.works.open.length > 0;
        t.same('the end while works run', lower.ended, undefined);
        const [work] = t.works.open;
        if (work === undefined) break;
        work.finish();
      }
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-07',
    does: 'the source completes while its items are held',
    applies: ({ whenFull, bound }) => bound > 0 && whenFull !== 'fail' && whenFull !== 'drop',
    *steps(t) {
      const count = Math.min(t.subject.bound, 5);
      const lower = t.lower();
      lower.shut();
      const upper = t.upper({ items: count, ends: 'complete' });
      t.connect(upper, lower);
      yield;
      t.same('the end at the closed gate', lower.ended, undefined);
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-08',
    does: 'every work, the last one too, ends within its own call',
    *steps(t) {
      t.works.form = () => (t.subject.given.takes?.includes('observable') === false ? 'value' : 'observable');
      for (const count of [1, 2, many(t.subject)]) {
        const lower = t.connect(t.upper({ items: count, ends: 'complete' }), t.lower(`consumer of ${count}`));
        yield () => lower.ended !== undefined;
        t.completed(lower, count);
      }
    },
  },
];
