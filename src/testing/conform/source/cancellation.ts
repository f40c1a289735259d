import { take } from 'rxjs';
import { numbers } from '../numbers.ts';
import { pauses, type SourceCase } from './SourceTrial.ts';

const ITEMS = 30;

/** Checks of unsubscribing. */
export const cancellation: readonly SourceCase[] = [
  {
    rule: 'R-23',
    does: 'three items are taken',
    applies: ({ most }) => most > 3,
    *steps(t) {
      const { source$, feed } = t.source(t.count(1_000));
      const lower = t.lower().subscribe(source$.pipe(take(3)));
      yield () => lower.ended !== undefined;
      yield;
      t.same('items', lower.values, [0, 1, 2]);
      const { pulls, slack } = t.subject;
      if (pulls) t.holds(feed.pulled <= 3 + slack, `at most ${3 + slack} items taken`, `${feed.pulled}`);
    },
  },
  {
    rule: 'R-40',
    does: 'unsubscribed between two items',
    applies: pauses,
    *steps(t) {
      const { source$, feed } = t.source(t.count(ITEMS));
      const lower = t.lower('consumer', true).subscribe(source$);
      const wanted = t.count(4);
      lower.allow(wanted);
      yield () => lower.results === wanted;
      lower.unsubscribe();
      const { pulled } = feed;
      lower.open();
      yield 'quiet';
      t.same('items', lower.values, numbers(wanted));
      if (t.subject.pulls) t.holds(feed.pulled <= pulled, 'nothing taken after unsubscribe', `${feed.pulled - pulled}`);
    },
  },
  {
    rule: 'R-41',
    does: 'unsubscribed inside the first item, a middle one and the last',
    *steps(t) {
      const count = t.count(ITEMS);
      for (const at of new Set([0, count >> 1, count - 1])) {
        const { source$ } = t.source(count);
        const lower = t.lower(`consumer until ${at}`);
        lower.onNext = (index) => index === at && lower.unsubscribe();
        lower.subscribe(source$);
        yield () => lower.isOver;
        yield;
        t.same('items', lower.values, numbers(at + 1));
        t.same('the end', lower.ended, undefined);
      }
    },
  },
  {
    rule: 'R-41',
    does: 'unsubscribed before the first item, and twice',
    *steps(t) {
      const { source$ } = t.source(t.count(ITEMS));
      const lower = t.lower('consumer', true).subscribe(source$);
      const { results } = lower;
      lower.unsubscribe();
      lower.unsubscribe();
      lower.open();
      yield;
      t.same('items after unsubscribe', lower.results - results, 0);
    },
  },
  {
    rule: 'R-41',
    does: 'unsubscribed while an item is being taken',
    applies: ({ pulls }) => pulls,
    *steps(t) {
      const { source$, feed } = t.source(t.count(ITEMS));
      const at = t.count(3) - 1;
      const lower = t.lower();
      let before = 0;
      feed.onPull = (n) => {
        if (n !== at) return;
        before = lower.results;
        lower.unsubscribe();
      };
      lower.subscribe(source$);
      yield () => lower.isOver;
      yield;
      t.same('items after unsubscribe', lower.results - before, 0);
      const most = at + 1 + t.subject.slack;
      t.holds(feed.pulled <= most, `at most ${most} items taken`, `${feed.pulled}`);
    },
  },
  {
    rule: 'R-42',
    does: 'timers are let go in the same call, at the beginning and after an item',
    *steps(t) {
      for (const isWaiting of [true, false]) {
        const { source$ } = t.source(t.count(ITEMS));
        const lower = t.lower('consumer', true).subscribe(source$);
        lower.allow(1);
        if (isWaiting) yield () => lower.results === 1;
        lower.open();
        lower.unsubscribe();
        yield* t.timersEnd();
      }
    },
  },
  {
    rule: 'R-42',
    does: 'unsubscribed while it waits at a closed gate',
    applies: pauses,
    *steps(t) {
      const { source$ } = t.source(t.count(ITEMS));
      const lower = t.lower('consumer', true).subscribe(source$);
      lower.allow(1);
      yield () => lower.results === 1;
      yield;
      lower.unsubscribe();
      t.same('waiting at the gate', lower.gate.waiting, 0, 'R-55');
      t.same('attached to the gate', lower.gate.attached, 0, 'R-55');
      yield* t.timersEnd();
    },
  },
  {
    rule: 'R-44',
    does: 'subscribed by one that has gone already, as with a signal that has aborted',
    *steps(t) {
      const { source$, feed } = t.source(t.count(ITEMS));
      const before = t.resources;
      const lower = t.lower().subscribe(source$, true);
      yield* t.timersEnd();
      yield;
      if (t.subject.pulls) t.same('items taken', feed.pulled, 0);
      t.same('files, listeners and the like', t.resources, before);
      t.same('items', lower.values, []);
    },
  },
];
