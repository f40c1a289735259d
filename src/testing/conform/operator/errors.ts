import { UnsubscriptionError } from 'rxjs';
import { show } from '../show.ts';
import type { Steps } from '../steps.ts';
import { many, runs, stops, waits, type OperatorCase } from './OperatorCase.ts';
import type { OperatorTrial } from './OperatorTrial.ts';
import { thrownValues } from '../thrownValues.ts';

/** Checks of failures. */
export const errors: readonly OperatorCase[] = [
  {
    rule: 'R-30',
    does: 'the source fails after some items',
    *steps(t) {
      const error = new Error('the source fails');
      const upper = t.upper({ items: 5, ends: { error } });
      const lower = t.connect(upper);
      yield () => lower.ended !== undefined;
      t.failed(lower, error);
    },
  },
  { rule: 'R-30', does: 'fn throws while others run', applies: stops, steps: (t) => failure(t, 'throws') },
  {
    rule: 'R-30',
    does: 'what fn gives back fails while others run',
    applies: stops,
    steps: (t) => failure(t, 'later'),
  },
  {
    rule: 'R-30',
    does: 'a promise that fn gives back rejects',
    applies: (subject) => stops(subject) && takesPromises(subject),
    usesPromises: true,
    *steps(t) {
      const error = new Error('rejected');
      t.works.form = (index) => (index === 3 ? { rejects: error } : 'promise');
      const lower = t.connect(t.upper({ items: many(t.subject), ends: 'complete' }));
      yield () => lower.ended !== undefined;
      t.failed(lower, error);
    },
  },
  {
    rule: 'R-31',
    does: 'an item fails after others were delivered',
    applies: stops,
    *steps(t) {
      const error = new Error('fn fails');
      t.works.form = (index) => (index === 4 ? { throws: error } : 'value');
      const upper = t.upper();
      const lower = t.connect(upper);
      upper.offer(4);
      yield () => lower.values.length >= t.passing(4);
      upper.offer(5);
      yield () => lower.ended !== undefined;
      t.failed(lower, error);
      t.delivered(lower, 4);
    },
  },
  {
    rule: 'R-31',
    does: 'the source fails after its items were delivered',
    *steps(t) {
      const error = new Error('the source fails');
      const upper = t.upper();
      const lower = t.connect(upper);
      upper.offer(many(t.subject));
      yield;
      const { length } = lower.values;
      upper.fail(error);
      yield () => lower.ended !== undefined;
      t.failed(lower, error);
      t.same('items delivered', lower.values.length, length);
      t.first(lower, upper.sent);
    },
  },
  {
    rule: 'R-32',
    does: 'a second one fails after the first has ended the flow',
    applies: (subject) => stops(subject) && takesPromises(subject) && subject.some > 1,
    usesPromises: true,
    *steps(t) {
      t.expectsErrors = true;
      const [first, second] = [new Error('the first'), new Error('the second')];
      const settle: ((error: unknown) => void)[] = [];
      const failing = t.subject.factory(() => new Promise((_, reject) => settle.push(reject)), {
        dropped: () => {},
        deadLetter: () => {},
      });
      const lower = t.connect(t.upper({ items: 2 }), t.lower(), failing);
      yield () => settle.length === 2;
      settle[0]?.(first);
      yield () => lower.ended !== undefined;
      t.failed(lower, first);
      settle[1]?.(second);
      yield () => t.lateErrors.length > 0;
      t.same('late errors that were reported', t.lateErrors, [second]);
    },
  },
  {
    rule: 'R-33',
    does: 'the source fails with anything that can be thrown',
    *steps(t) {
      for (const error of thrownValues()) {
        const lower = t.connect(t.upper({ items: 1, ends: { error } }), t.lower(`consumer of ${show(error)}`));
        yield () => lower.ended !== undefined;
        t.failed(lower, error);
      }
    },
  },
  {
    rule: 'R-33',
    does: 'fn throws anything that can be thrown',
    applies: stops,
    *steps(t) {
      for (const error of thrownValues()) {
        for (const form of [{ throws: error }, { rejects: error }]) {
          const lower = t.lower(`consumer of ${show(error)}`);
          t.works.form = () => form;
          t.connect(t.upper({ items: 1, ends: 'complete' }), lower);
          yield () => lower.ended !== undefined;
          t.failed(lower, error);
        }
      }
    },
  },
  {
    rule: 'R-34',
    does: 'the consumer throws at its third value',
    *steps(t) {
      t.expectsErrors = true;
      // The consumer under test is one of RxJS, of which the trial does not know when it ends.
      t.works.isWanted = () => true;
      const error = new Error('the consumer fails');
      const upper = t.upper({ items: many(t.subject), ends: 'complete' });
      const seen: unknown[] = [];
      const other = t.connect(t.upper({ items: 3, ends: 'complete' }), t.lower('other consumer'));
      let completed = false;
      const subscription = upper.items$.pipe(t.operator()).subscribe({
        next: (result) => {
          seen.push(...t.subject.contents(result));
          if (seen.length > 2 && t.unhandled.length === 0 && !completed) {
            completed = true;
            throw error;
          }
        },
        error: (failed: unknown) => t.breach('R-34', 'no error of the flow', show(failed)),
      });
      yield () => t.unhandled.length > 0 && other.ended !== undefined;
      t.same('errors that RxJS reports', t.unhandled, [error]);
      t.same('late errors', t.lateErrors, []);
      subscription.unsubscribe();
      t.completed(other, 3);
    },
  },
  {
    rule: 'R-35',
    does: 'the teardown of the source throws on unsubscribe',
    *steps(t) {
      const error = new Error('the teardown fails');
      t.works.form = () => 'later';
      const upper = t.upper({
        items: many(t.subject),
        onTeardown: () => {
          throw error;
        },
      });
      const lower = t.lower();
      if (!runs(t.subject) && waits(t.subject)) lower.shut();
      t.connect(upper, lower);
      yield () => upper.sent > 0;
      let thrown: unknown;
      try {
        lower.unsubscribe();
      } catch (caught) {
        thrown = caught;
      }
      t.holds(thrown instanceof UnsubscriptionError, 'an UnsubscriptionError', show(thrown));
    },
  },
];

/** One fails while as many as possible run: these must be cancelled before the error is delivered. */
function* failure(t: OperatorTrial, how: 'throws' | 'later'): Steps {
  const { some, given } = t.subject;
  const more = (given.concurrency ?? 1) > some ? 0 : 2;
  const error = new Error('fn fails');
  t.works.form = (index) => (index < some - 1 || how === 'later' ? 'later' : { throws: error });
  const upper = t.upper({ items: some + more, ends: 'complete' });
  const lower = t.lower();
  let ends = 0;
  lower.onEnd = () => {
    ends++;
    const open = t.works.endable;
    if (open.length > 0) {
      const seen = `item ${open.map(({ index }) => index).join(', ')} runs on`;
      t.breach('R-30', 'the others are cancelled before the error is delivered', seen);
    }
    for (const { index, signal, state } of t.works.late) {
      if (state === 'done' || signal?.aborted !== true || signal.reason === error) continue;
      t.breach('R-30', 'the error as the reason of the signals', `${show(signal.reason)} at item ${index}`);
    }
    if (upper.active > 0)
      t.breach('R-30', 'the source is unsubscribed before the error is delivered', 'it is subscribed');
  };
  t.connect(upper, lower);
  yield () => t.works.calls >= some;
  if (how === 'later') t.works.open.at(-1)?.fail(error);
  yield () => lower.ended !== undefined;
  t.failed(lower, error);
  t.same('ends', ends, 1);
  t.same('calls of fn', t.works.calls, some);
}

function takesPromises({ given }: OperatorTrial['subject']): boolean {
  return given.takes?.includes('promise') !== false && given.time === undefined;
}
