import { numbers } from '../numbers.ts';
import { fails, type SourceCase } from './SourceTrial.ts';
import { show } from '../show.ts';
import { thrownValues } from '../thrownValues.ts';

const FALSY: readonly unknown[] = [undefined, null, 0, '', NaN, false, -0, 0n];
const ITEMS = 40;

/** Checks of beginning, end, independence and failure. */
export const lifeCycle: readonly SourceCase[] = [
  {
    rule: 'R-01',
    does: 'is made and not subscribed',
    applies: ({ pulls, given }) => pulls || given.resources !== undefined,
    *steps(t) {
      const before = t.resources;
      const { feed } = t.source(3);
      // Before time goes on: then they would have fired.
      yield* t.timersEnd();
      yield;
      if (t.subject.pulls) t.same('items taken', feed.pulled, 0);
      t.same('files, listeners and the like', t.resources, before);
      yield* t.timersEnd();
    },
  },
  {
    rule: 'R-02',
    does: 'all items in order, then the end',
    *steps(t) {
      const count = t.count(ITEMS);
      const lower = t.lower().subscribe(t.source(count).source$);
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-03',
    does: 'no items',
    applies: ({ most }) => most > 1,
    *steps(t) {
      const lower = t.lower().subscribe(t.source(0).source$);
      yield () => lower.ended !== undefined;
      t.completed(lower, 0);
    },
  },
  {
    rule: 'R-05',
    does: 'two subscriptions of one source, then a third after their end',
    applies: ({ receivers }) => receivers === 'independent',
    *steps(t) {
      const count = t.count(7);
      const { source$ } = t.source(count);
      const a = t.lower('consumer a', t.subject.isPausable).subscribe(source$);
      const b = t.lower('consumer b').subscribe(source$);
      yield () => b.ended !== undefined;
      t.completed(b, count);
      a.open();
      yield () => a.ended !== undefined;
      t.completed(a, count);
      const c = t.lower('consumer c').subscribe(source$);
      yield () => c.ended !== undefined;
      t.completed(c, count);
    },
  },
  {
    rule: 'R-05',
    does: 'two subscriptions share the items: each goes to one of them, and none is lost',
    applies: ({ receivers, isPausable }) => receivers === 'shared' && isPausable,
    *steps(t) {
      const count = t.count(ITEMS);
      const { source$ } = t.source(count);
      const [a, b] = [t.lower('consumer a', true), t.lower('consumer b', true)];
      for (const lower of [a, b]) lower.subscribe(source$);
      a.allow(3);
      yield () => a.results === 3;
      t.same('items of the one', a.values.length, 3);
      t.same('items of the other, whose gate is closed', b.values, []);
      b.open();
      yield () => a.results + b.results === count;
      a.open();
      yield () => a.ended !== undefined && b.ended !== undefined;
      const all = [...a.values, ...b.values].toSorted((x, y) => Number(x) - Number(y));
      t.same('items of both', all, numbers(count));
      t.same('their ends', [a.ended, b.ended], ['completed', 'completed']);
    },
  },
  {
    rule: 'R-06',
    does: 'falsy items',
    applies: ({ given, most }) => given.falsy?.length !== 0 && most > 1,
    *steps(t) {
      const values = t.subject.given.falsy ?? FALSY;
      const { source$ } = t.source(values.length, (n) => values[n]);
      const lower = t.lower().subscribe(source$);
      yield () => lower.ended !== undefined;
      t.same('items', lower.values, [...values]);
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
    },
  },
  {
    rule: 'R-30',
    does: 'fails after no, one and five items',
    applies: fails,
    *steps(t) {
      for (const items of new Set([0, t.before(1), t.before(5)])) {
        const error = new Error(`fails after ${items}`);
        const lower = t.lower(`consumer of ${items}`).subscribe(t.failing(items, error));
        yield () => lower.ended !== undefined;
        t.failed(lower, error);
        t.same('items before the failure', lower.values, numbers(lower.values.length), 'R-31');
        // What was taken ahead may go with the failure: so it is with the streams of Node.js.
        const least = items - t.subject.slack;
        t.holds(lower.values.length >= least, `at least ${least} items`, `${lower.values.length}`, 'R-31');
      }
    },
  },
  {
    rule: 'R-33',
    does: 'fails with anything that can be thrown',
    applies: (subject) => fails(subject) && subject.given.reason === undefined,
    *steps(t) {
      const all = thrownValues();
      for (const error of t.subject.given.failsWith === 'errors' ? all.filter((it) => it instanceof Error) : all) {
        const lower = t.lower(`consumer of ${show(error)}`).subscribe(t.failing(t.before(1), error));
        yield () => lower.ended !== undefined;
        t.failed(lower, error);
      }
    },
  },
  {
    rule: 'R-34',
    does: 'the consumer throws at its second value',
    *steps(t) {
      t.expectsErrors = true;
      const error = new Error('the consumer fails');
      const { source$ } = t.source(t.count(5));
      let seen = 0;
      const at = t.count(2);
      const subscription = source$.subscribe({
        next: () => {
          if (++seen === at) throw error;
        },
        error: (failed: unknown) => t.breach('R-34', 'no error of the flow', show(failed)),
      });
      yield () => t.unhandled.length > 0;
      t.same('errors that RxJS reports', t.unhandled, [error]);
      subscription.unsubscribe();
    },
  },
];
