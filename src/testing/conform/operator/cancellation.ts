import type { Observer } from 'rxjs';
import { foreign } from '../foreign.ts';
import { many, runs, surplus, waits, type OperatorCase } from './OperatorCase.ts';

/** Checks of unsubscribing. */
export const cancellation: readonly OperatorCase[] = [
  {
    rule: 'R-40',
    does: 'works end, and a source that looks at nothing goes on, after unsubscribe',
    *steps(t) {
      t.works.form = () => 'later';
      const upper = t.upper({ kind: 'deaf', items: surplus(t.subject) });
      const lower = t.lower('consumer', true);
      if (!runs(t.subject) && waits(t.subject)) lower.shut();
      t.connect(upper, lower);
      yield;
      const calls = t.works.calls;
      const { results } = lower;
      lower.unsubscribe();
      for (const work of t.works.late) work.finish();
      upper.offer(5);
      upper.complete();
      lower.open();
      yield 'quiet';
      t.same('results after unsubscribe', lower.results - results, 0);
      t.same('calls of fn after unsubscribe', t.works.calls - calls, 0);
      t.same('the end after unsubscribe', lower.ended, undefined);
    },
  },
  {
    rule: 'R-41',
    does: 'unsubscribed inside the first value, a middle one and the last',
    *steps(t) {
      const count = many(t.subject);
      const whole = t.connect(t.upper({ items: count, ends: 'complete' }), t.lower('consumer of all'));
      yield () => whole.ended !== undefined;
      for (const at of new Set([0, whole.results >> 1, whole.results - 1])) {
        const upper = t.upper({ items: count, ends: 'complete' });
        const lower = t.lower(`consumer until ${at}`);
        lower.onNext = (index) => {
          if (index !== at) return;
          lower.unsubscribe();
          // In the same call, while the source may be emitting still.
          if (upper.active > 0) t.breach('R-45', 'the source is unsubscribed at once', 'it is subscribed still');
        };
        t.connect(upper, lower);
        yield () => lower.isOver;
        yield;
        t.same('results', lower.results, at + 1);
        t.same('the end', lower.ended, undefined);
      }
    },
  },
  {
    rule: 'R-41',
    does: 'unsubscribed before the first item, twice, and again inside the teardown of the source',
    *steps(t) {
      const lower = t.lower();
      let teardowns = 0;
      const upper = t.upper({
        onTeardown: () => {
          teardowns++;
          lower.unsubscribe();
        },
      });
      t.connect(upper, lower);
      lower.unsubscribe();
      lower.unsubscribe();
      upper.offer(3);
      yield;
      t.same('teardowns of the source', teardowns, 1, 'R-45');
      t.same('results', lower.results, 0);
    },
  },
  {
    rule: 'R-41',
    does: 'unsubscribed while the gate is closed and items are held',
    applies: waits,
    *steps(t) {
      const upper = t.upper({ items: many(t.subject), ends: 'complete' });
      const lower = t.lower();
      lower.shut();
      t.connect(upper, lower);
      yield;
      const { sent } = upper;
      lower.unsubscribe();
      if (t.subject.given.isAsync !== true) t.same('subscriptions of the source', upper.active, 0, 'R-45');
      lower.open();
      yield;
      t.same('items sent after unsubscribe', upper.sent - sent, 0);
      t.same('results', lower.results, 0);
    },
  },
  {
    rule: 'R-42',
    does: 'unsubscribed while as many works as possible run',
    applies: runs,
    *steps(t) {
      t.works.form = () => 'later';
      const upper = t.upper({ items: many(t.subject), ends: 'complete' });
      const lower = t.connect(upper);
      yield () => t.works.calls >= t.subject.some;
      lower.unsubscribe();
      const open = t.works.open.map(({ index }) => index);
      t.same('works that run on', open, []);
      t.same('subscriptions of the source', upper.active, 0, 'R-45');
      yield* t.timersEnd();
    },
  },
  {
    rule: 'R-42',
    does: 'timers are let go in the same call at every end',
    *steps(t) {
      for (const how of ['completes', 'fails', 'is unsubscribed'] as const) {
        const upper = t.upper();
        const lower = t.connect(upper, t.lower(`consumer: the source ${how}`));
        upper.offer(1);
        if (how === 'completes') upper.complete();
        else if (how === 'fails') upper.fail(new Error('the source fails'));
        else lower.unsubscribe();
        // What completes later may need its timers until then.
        if (lower.isOver) yield* t.timersEnd(`timers when it ${how}`);
        yield () => lower.isOver;
      }
    },
  },
  {
    rule: 'R-42',
    does: 'a signal that fn reads only after unsubscribe is aborted',
    applies: (subject) => runs(subject) && subject.given.takes?.includes('observable') !== false,
    *steps(t) {
      const contexts: ({ readonly signal?: AbortSignal } | undefined)[] = [];
      const operator = t.subject.factory(
        (_, context) => {
          contexts.push(context);
          return NOTHING;
        },
        { dropped: () => {}, deadLetter: () => {} },
      );
      const lower = t.connect(t.upper({ items: 1 }), t.lower(), operator);
      yield () => contexts.length > 0;
      lower.unsubscribe();
      const [context] = contexts;
      if (context !== undefined && 'signal' in context) t.same('aborted', context.signal?.aborted, true);
    },
  },
  {
    rule: 'R-44',
    does: 'subscribed by one that has gone already, as with a signal that has aborted',
    *steps(t) {
      const upper = t.upper({ items: many(t.subject), ends: 'complete' });
      const lower = t.lower();
      lower.subscribe(upper.items$.pipe(t.operator()), true);
      yield* t.timersEnd();
      yield;
      t.same('items taken', upper.sent, 0);
      t.same('calls of fn', t.works.calls, 0);
      t.same('results', lower.results, 0);
    },
  },
  {
    rule: 'R-45',
    does: 'the source is unsubscribed once at every end, also one of another library',
    *steps(t) {
      for (const how of ['completes', 'fails', 'is unsubscribed'] as const) {
        let unsubscribed = 0;
        let observer: Observer<unknown> | undefined;
        const source$ = foreign((given) => {
          observer = given;
          return () => unsubscribed++;
        });
        const lower = t.connect(source$, t.lower(`consumer: the source ${how}`));
        observer?.next(t.subject.item(0));
        yield;
        if (how === 'completes') observer?.complete();
        else if (how === 'fails') observer?.error(new Error('foreign'));
        else lower.unsubscribe();
        yield () => lower.isOver;
        t.same(`unsubscribed when it ${how}`, unsubscribed, 1);
      }
    },
  },
];

/** Never settles. */
const NOTHING: PromiseLike<never> = new Promise<never>(() => {});
