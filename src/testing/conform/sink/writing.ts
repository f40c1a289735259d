import { conduct } from '../makeCheck.ts';
import { random } from '../random.ts';
import type { Steps } from '../steps.ts';
import { isSlow, type SinkCase, type SinkTrial } from './SinkTrial.ts';

const FALSY: readonly unknown[] = [undefined, null, 0, '', NaN, false, -0, 0n];
const SCHEDULES = 40;

/** Checks of what is written, and how far the source is held back meanwhile. */
export const writing: readonly SinkCase[] = [
  {
    rule: 'R-02',
    does: 'all items are written, in order, then it is done',
    *steps(t) {
      yield* t.wrote(t.sink({ items: t.many, ends: 'complete' }), t.many);
    },
  },
  {
    rule: 'R-03',
    does: 'an empty source',
    *steps(t) {
      yield* t.wrote(t.sink({ ends: 'complete' }), 0);
    },
  },
  {
    rule: 'R-04',
    does: 'a source that never emits',
    *steps(t) {
      const sinking = t.sink({});
      yield;
      t.same('the end', sinking.ended, undefined);
      t.same('writes', sinking.destination.begun, 0);
    },
  },
  {
    rule: 'R-05',
    does: 'two at work, of which one is paused',
    applies: isSlow,
    *steps(t) {
      const paused = t.sink({ items: 5, ends: 'complete' }, (it) => it.pause());
      const other = t.sink({ items: t.many, ends: 'complete' });
      yield* t.wrote(other, t.many);
      t.same('the end of the one that is paused', paused.ended, undefined);
      paused.destination.resume();
      yield* t.wrote(paused, 5);
    },
  },
  {
    rule: 'R-06',
    does: 'falsy items',
    applies: ({ given, isSlow: slow }) => slow && given.falsy?.length !== 0,
    *steps(t) {
      const values = t.subject.given.falsy ?? FALSY;
      const sinking = t.sink({ items: values.length, ends: 'complete', value: (n) => values[n] });
      yield () => sinking.ended !== undefined;
      t.same('written items', sinking.destination.values, [...values]);
    },
  },
  {
    rule: 'R-07',
    does: 'it is done only after the last write',
    applies: isSlow,
    *steps(t) {
      const sinking = t.sink({ items: 3, ends: 'complete' }, (it) => it.pause());
      const { destination } = sinking;
      for (let i = 0; i < 10 && destination.values.length < 3; i++) {
        yield () => destination.running > 0;
        yield;
        t.same('the end while something is being written', sinking.ended, undefined);
        destination.settleOne();
      }
      yield* t.wrote(sinking, 3);
    },
  },
  {
    rule: 'R-10',
    does: 'the destination is paused from the beginning, then goes on',
    applies: (subject) => subject.isSlow && subject.bound < Infinity,
    *steps(t) {
      const { bound } = t.subject;
      const count = 3 * bound + 20;
      const sinking = t.sink({ items: count, ends: 'complete' }, (it) => it.pause());
      const { upper, destination } = sinking;
      yield () => upper.sent >= bound;
      yield;
      t.holds(upper.sent <= bound, `at most ${bound} items taken`, `${upper.sent}`);
      for (let i = 0; i < 10; i++) {
        destination.settleOne(i);
        yield;
        const held = upper.sent - destination.values.length;
        t.holds(held <= bound, `at most ${bound} items taken and not written`, `${held}`);
      }
      destination.resume();
      yield* t.wrote(sinking, count);
    },
  },
  {
    rule: 'R-12',
    does: 'the destination stops and goes on, and the source too, in any order',
    applies: isSlow,
    *steps(t) {
      for (let seed = 1; seed <= SCHEDULES; seed++) {
        const trial = t.again();
        trial.noteWith('schedule', 'has seed', seed);
        yield* conduct(trial, () => schedule(trial, random(seed)));
      }
    },
  },
  {
    rule: 'R-17',
    does: 'a source that cannot be paused sends more than it may hold',
    applies: ({ bound, given, isSlow: slow }) => slow && bound < Infinity && given.keepsOverrun !== false,
    *steps(t) {
      const count = t.subject.bound + 15;
      const sinking = t.sink({ kind: 'loose', items: count }, (it) => it.pause());
      yield;
      t.same('warnings', t.warnings.length, 1);
      sinking.upper.complete();
      sinking.destination.resume();
      yield* t.wrote(sinking, count);
    },
  },
  {
    rule: 'R-22',
    does: 'ten thousand items',
    *steps(t) {
      yield* t.wrote(t.sink({ items: 10_000, ends: 'complete' }), 10_000);
    },
  },
];

function* schedule(t: SinkTrial, pick: (below: number) => number): Steps {
  const count = 1 + pick(t.many);
  const sinking = t.sink({}, (it) => pick(2) === 0 && it.pause());
  const { upper, destination } = sinking;
  let offered = 0;
  const moves = [
    () => destination.resume(),
    () => destination.pause(),
    () => destination.settleOne(pick(4)),
    () => {
      const more = Math.min(1 + pick(6), count - offered);
      offered += more;
      if (more > 0) upper.offer(more);
    },
  ];
  for (let i = 0; i < 15; i++) {
    moves[pick(moves.length)]!();
    if (pick(3) === 0) yield;
    const held = upper.sent - destination.values.length;
    t.holds(held <= t.subject.bound, `at most ${t.subject.bound} items taken and not written`, `${held}`, 'R-10');
  }
  upper.offer(count - offered);
  upper.complete();
  destination.resume();
  yield* t.wrote(sinking, count);
}
