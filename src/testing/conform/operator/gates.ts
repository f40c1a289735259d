import { Subject, merge, takeUntil } from 'rxjs';
import { codeOf } from '../codeOf.ts';
import { many, waits, type OperatorCase } from './OperatorCase.ts';

/** Checks of an operator between a source and a gate. */
export const gates: readonly OperatorCase[] = [
  {
    rule: 'R-10',
    does: 'the gate below is closed from the beginning, then opens',
    applies: waits,
    *steps(t) {
      const { bound } = t.subject;
      const count = many(t.subject);
      const lower = t.lower();
      lower.shut();
      const upper = t.upper({ items: count, ends: 'complete' });
      t.connect(upper, lower);
      yield;
      t.holds(t.passing(upper.sent) <= bound, `at most ${bound} items taken`, `${upper.sent} taken`);
      t.same('delivered while the gate is closed', lower.values, []);
      lower.open();
      yield () => lower.ended !== undefined;
      t.delivered(lower, count, 'R-11');
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-10',
    does: 'one result at a time is wanted, then three',
    applies: waits,
    *steps(t) {
      const { bound, perItem } = t.subject;
      const count = many(t.subject);
      const lower = t.lower();
      lower.shut();
      const upper = t.upper({ items: count, ends: 'complete' });
      upper.onSent = () => {
        const held = t.heldOf(upper, lower);
        if (held > bound) t.breach('R-10', `at most ${bound} items held`, `${held} held after item ${upper.sent - 1}`);
      };
      t.connect(upper, lower);
      for (let wanted = 1; lower.ended === undefined && wanted < 4 * count; wanted++) {
        const before = lower.results;
        const more = wanted % 5 === 0 ? 3 : 1;
        lower.allow(more);
        yield () => lower.ended !== undefined || lower.results >= before + more;
        if (lower.ended !== undefined) break;
        t.holds(lower.results <= before + more + perItem - 1, `${more} results`, `${lower.results - before}`);
        const held = t.heldOf(upper, lower);
        t.holds(held <= bound, `at most ${bound} items held`, `${held} held after result ${lower.results}`);
        t.holds(lower.results > before, 'a result for a gate that opens', 'none', 'R-12');
      }
      t.delivered(lower, count, 'R-11');
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-11',
    does: 'the gate closes and opens in the middle, with newer items behind',
    applies: waits,
    *steps(t) {
      const lower = t.lower();
      const upper = t.upper();
      t.connect(upper, lower);
      const step = Math.min(t.subject.bound, 7) + 2;
      for (let round = 0; round < 6; round++) {
        lower.shut();
        upper.offer(step);
        yield;
        lower.open();
        upper.offer(1);
        yield;
      }
      upper.complete();
      yield () => lower.ended !== undefined;
      t.completed(lower, 6 * (step + 1));
    },
  },
  {
    rule: 'R-11',
    does: 'items are given up at a closed gate, and every one of them is reported',
    applies: ({ whenFull }) => whenFull === 'drop' || whenFull === 'merge',
    *steps(t) {
      const { bound, given, whenFull } = t.subject;
      const count = many(t.subject);
      const lower = t.lower();
      lower.shut();
      const upper = t.upper({ items: count, ends: 'complete' });
      t.connect(upper, lower);
      yield;
      t.same('items taken from the source, which is not held back', upper.sent, count);
      lower.open();
      yield () => lower.ended !== undefined;
      t.holds(lower.results <= bound, `at most ${bound} results were held`, `${lower.results}`, 'R-10');
      const strange = t.dropped.find(({ reason }) => given.drops?.includes(reason) !== true);
      t.holds(strange === undefined, `one of the policies ${given.drops?.join()}`, `${strange?.reason}`);
      const all = [...lower.values, ...t.dropped.flatMap(({ item }) => t.subject.contents(item))];
      t.same(
        'delivered and dropped together',
        all.toSorted((a, b) => Number(a) - Number(b)),
        t.numbers(count),
      );
      t.same(
        'delivered',
        lower.values,
        lower.values.toSorted((a, b) => Number(a) - Number(b)),
      );
      const counted = t.flow.count('dropped', 'merged');
      const given_up = count - (whenFull === 'merge' ? lower.results : lower.values.length);
      if (t.flow.stages.length > 0) t.same('items counted as dropped or merged', counted, given_up);
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
    },
  },
  {
    rule: 'R-10',
    does: 'fails with an OverflowError when it is full',
    applies: ({ whenFull }) => whenFull === 'fail',
    *steps(t) {
      const lower = t.lower();
      lower.shut();
      const upper = t.upper({ items: many(t.subject), ends: 'complete' });
      t.connect(upper, lower);
      yield () => lower.ended !== undefined;
      t.same('the end of the flow', lower.ended ?? 'none', 'failed');
      t.same('the code of the error', codeOf(lower.error), 'ERR_OVERFLOW');
      t.same('items taken', upper.sent, t.subject.bound + 1);
    },
  },
  {
    rule: 'R-13',
    does: 'the gate is opened and closed twice, after the end and after unsubscribe',
    *steps(t) {
      const [done, gone] = [t.lower('completed one'), t.lower('unsubscribed one')];
      t.connect(t.upper({ items: 2, ends: 'complete' }), done);
      const upper = t.upper({ items: many(t.subject) });
      gone.shut();
      gone.shut();
      t.connect(upper, gone);
      yield () => done.ended !== undefined;
      gone.unsubscribe();
      const { sent } = upper;
      for (const lower of [done, gone]) {
        lower.open();
        lower.open();
        lower.shut();
        lower.allow(1);
      }
      yield;
      t.completed(done, 2);
      t.same('items sent after unsubscribe', upper.sent - sent, 0);
      t.same('results after unsubscribe', gone.results, 0);
    },
  },
  {
    rule: 'R-14',
    does: 'one of two sources ends while both wait at the gate',
    applies: waits,
    *steps(t) {
      const stop = new Subject<void>();
      const dying = t.upper({ items: many(t.subject) });
      const living = t.upper();
      const lower = t.lower();
      lower.shut();
      t.connect(merge(dying.items$.pipe(takeUntil(stop)), living.items$), lower);
      living.offer(4);
      yield;
      const { sent } = dying;
      // Before the gate opens: what is said to the other afterwards would do for a waking.
      living.complete();
      stop.next();
      lower.open();
      yield () => lower.ended !== undefined;
      t.same('items sent by the source that has ended', dying.sent, sent);
      t.same('items sent by the other', living.sent, 4);
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
      t.same('delivered items', lower.values.length, t.passing(sent) + t.passing(4));
    },
  },
  {
    rule: 'R-15',
    does: 'the source fails while the gate below is closed',
    *steps(t) {
      const error = new Error('the source fails');
      for (const items of [0, 1, Math.min(t.subject.bound, 9)]) {
        const lower = t.lower(`consumer after ${items}`);
        lower.shut();
        const upper = t.upper();
        t.connect(upper, lower);
        if (t.subject.bound > 0) upper.offer(items);
        upper.fail(error);
        if (t.subject.given.isAsync !== true) t.failed(lower, error);
        yield () => lower.ended !== undefined;
        t.failed(lower, error);
      }
    },
  },
  {
    rule: 'R-15',
    does: 'the source completes while nothing is held and the gate below is closed',
    *steps(t) {
      const lower = t.lower();
      lower.shut();
      const upper = t.upper();
      t.connect(upper, lower);
      upper.complete();
      // An operator that adds something to the end has something to send.
      yield () => lower.ended !== undefined;
      if (t.subject.perItem === 1) t.completed(lower, 0);
    },
  },
];
