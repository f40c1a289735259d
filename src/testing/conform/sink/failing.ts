import { show } from '../show.ts';
import { thrownValues } from '../thrownValues.ts';
import { numbers } from '../numbers.ts';
import { isSlow, type SinkCase, type Sinking } from './SinkTrial.ts';

/** Checks of failures and of cancelling. */
export const failing: readonly SinkCase[] = [
  {
    rule: 'R-15',
    does: 'the source fails while the destination is paused',
    applies: isSlow,
    *steps(t) {
      const error = new Error('the source fails');
      const sinking = t.sink({ items: Math.min(t.subject.bound, 3) }, (it) => it.pause());
      yield;
      sinking.upper.fail(error);
      t.same('subscriptions of the source', sinking.upper.active, 0, 'R-45');
      if (t.subject.given.isPulled === true) sinking.destination.resume();
      yield () => sinking.ended !== undefined;
      t.failed(sinking, error, false);
    },
  },
  {
    rule: 'R-30',
    does: 'the source fails after no and after five items',
    *steps(t) {
      for (const items of [0, 5]) {
        const error = new Error(`the source fails after ${items}`);
        const sinking = t.sink({ items, ends: { error } });
        yield () => sinking.ended !== undefined;
        t.failed(sinking, error, false);
      }
    },
  },
  {
    rule: 'R-30',
    does: 'the destination fails at its first write, and at its fourth',
    applies: isSlow,
    *steps(t) {
      const whole = t.sink({ items: t.many, ends: 'complete' });
      yield* t.wrote(whole, t.many);
      // It may write many items at once.
      for (const index of new Set([0, Math.min(3, whole.destination.begun - 1)])) {
        const error = new Error(`write ${index} fails`);
        const sinking = t.sink({ items: t.many, ends: 'complete' }, (it) => (it.failsAt = { index, error }));
        const { upper, destination } = sinking;
        yield () => sinking.ended !== undefined;
        t.failed(sinking, error);
        const { begun } = destination;
        yield () => upper.active === 0;
        t.same('subscriptions of the source', upper.active, 0, 'R-45');
        yield;
        t.same('writes begun after the failure', destination.begun - begun, 0, 'R-40');
        if (t.subject.concurrency === 1) {
          t.same('items written before', destination.values, numbers(destination.values.length), 'R-31');
        }
      }
    },
  },
  {
    rule: 'R-33',
    does: 'the source and the destination fail with anything that can be thrown',
    *steps(t) {
      const all = thrownValues();
      for (const error of t.subject.given.failsWith === 'errors' ? all.filter((it) => it instanceof Error) : all) {
        t.noteWith('next', 'error is', show(error));
        const sinking = t.sink({ items: 1, ends: { error } });
        yield () => sinking.ended !== undefined;
        t.failed(sinking, error, false);
        if (!t.subject.isSlow) continue;
        const broken = t.sink({ items: t.many, ends: 'complete' }, (it) => (it.failsAt = { index: 0, error }));
        yield () => broken.ended !== undefined;
        t.failed(broken, error);
      }
    },
  },
  {
    rule: 'R-40',
    does: 'it is cancelled before the first write, at the third, inside it, and while the last is under way',
    applies: isSlow,
    *steps(t) {
      t.expectsErrors = true;
      const cancelled: { readonly destination: Sinking['destination']; readonly begun: number }[] = [];
      for (const at of [0, 2]) {
        for (const isInside of [true, false]) {
          const sinking = t.sink({ items: t.many, ends: 'complete' }, (it) => it.pause());
          const { upper, destination } = sinking;
          destination.onWrite = (index) => isInside && index === at && sinking.cancel();
          for (let i = 0; i < 4 * (at + 1) && destination.begun <= at; i++) {
            yield () => destination.running > 0 || sinking.isOver;
            yield;
            if (destination.begun <= at) destination.settleOne();
          }
          if (!sinking.isCancelled) sinking.cancel();
          const { begun } = destination;
          yield () => upper.active === 0;
          t.same('subscriptions of the source', upper.active, 0, 'R-45');
          destination.resume();
          cancelled.push({ destination, begun });
        }
      }
      yield 'quiet';
      const begunLater = cancelled.map(({ destination, begun }) => destination.begun - begun);
      t.same('writes begun after it was cancelled', begunLater, [0, 0, 0, 0]);
    },
  },
  {
    rule: 'R-41',
    does: 'it is cancelled at once, twice, and after its end',
    *steps(t) {
      const never = t.sink({});
      never.cancel();
      never.cancel();
      const done = t.sink({ items: 2, ends: 'complete' });
      yield* t.wrote(done, 2);
      done.cancel();
      yield;
      t.same('the end', done.ended, 'completed');
    },
  },
  {
    rule: 'R-42',
    does: 'it is cancelled while it holds all it may',
    *steps(t) {
      const sinking = t.sink({ items: t.many + 10_000, ends: 'complete' }, (it) => it.pause());
      const { upper } = sinking;
      yield () => upper.sent > 0;
      sinking.cancel();
      const { sent } = upper;
      yield () => upper.active === 0;
      t.same('subscriptions of the source', upper.active, 0, 'R-45');
      yield;
      t.same('items taken after it was cancelled', upper.sent - sent, 0, 'R-40');
    },
  },
  {
    rule: 'R-45',
    does: 'the source is torn down once at each end',
    *steps(t) {
      const counts = { completes: 0, fails: 0, cancelled: 0 };
      const completing = t.sink({ items: 2, ends: 'complete', onTeardown: () => counts.completes++ });
      const breaking = t.sink({
        items: 2,
        ends: { error: new Error('the source fails') },
        onTeardown: () => counts.fails++,
      });
      const cancelled = t.sink({ items: 2, onTeardown: () => counts.cancelled++ });
      yield () => completing.ended !== undefined && breaking.ended !== undefined;
      cancelled.cancel();
      yield () => counts.cancelled > 0;
      t.same('teardowns', Object.values(counts), [1, 1, 1]);
    },
  },
];
