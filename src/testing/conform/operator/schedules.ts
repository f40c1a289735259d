import { plural } from '../show.ts';
import { random } from '../random.ts';
import { conduct } from '../makeCheck.ts';
import type { Steps } from '../steps.ts';
import { many, runs, type OperatorCase } from './OperatorCase.ts';
import type { OperatorTrial } from './OperatorTrial.ts';

const SCHEDULES = 300;

/** Checks under schedules that nobody would think of. */
export const schedules: readonly OperatorCase[] = [
  {
    rule: 'R-12',
    does: 'the gate, the source and the consumer move in any order',
    applies: ({ whenFull }) => whenFull === 'wait' || whenFull === 'merge',
    steps: (t) => any(t, 'value'),
  },
  {
    rule: 'R-24',
    does: 'works end in any order, while the gate, the source and the consumer move',
    applies: (subject) => runs(subject) && subject.whenFull === 'wait',
    steps: (t) => any(t, 'later'),
  },
];

function* any(t: OperatorTrial, form: 'value' | 'later'): Steps {
  const count = t.subject.given.isAsync === true ? 20 : SCHEDULES;
  for (let seed = 1; seed <= count; seed++) {
    const trial = t.again();
    // With and without a flow: what is counted and timed only there must not make a difference.
    trial.inFlow = seed % 2 === 0;
    trial.noteWith('schedule', 'has seed', seed);
    yield* conduct(trial, () => schedule(trial, random(seed), form));
  }
}

function* schedule(t: OperatorTrial, pick: (below: number) => number, form: 'value' | 'later'): Steps {
  const { bound, whenFull } = t.subject;
  const total = 1 + pick(many(t.subject));
  const upper = t.upper();
  const lower = t.lower();
  const late = (): void => {
    const { open } = t.works;
    open[pick(open.length)]?.finish();
  };
  let offered = 0;
  const moves: (() => void)[] = [
    () => lower.open(),
    () => lower.shut(),
    () => lower.allow(1 + pick(3)),
    () => {
      const more = Math.min(1 + pick(5), total - offered);
      offered += more;
      if (more > 0) upper.offer(more);
    },
    late,
    late,
  ];
  const move = (): void => moves[pick(moves.length)]!();
  t.works.form = () => (form === 'later' && pick(3) > 0 ? 'later' : 'value');
  // With a signal and without, and half as many of them to make.
  t.works.readsSignal = (index) => index % 2 === 0;
  // Within the function only what does not come back into it: its own work is not under way yet.
  t.works.onStart = () => void (pick(8) === 0 && moves[pick(3)]!());
  lower.onNext = () => void (pick(5) === 0 && move());
  if (pick(2) === 0) lower.shut();
  t.connect(upper, lower);
  for (let i = 0; i < 30; i++) {
    move();
    if (pick(4) === 0) yield;
    const held = t.heldOf(upper, lower);
    if (whenFull === 'wait') t.holds(held <= bound, `at most ${bound} held`, `${plural(held, 'item')} held`, 'R-10');
  }
  lower.onNext = t.works.onStart = () => {};
  upper.offer(total - offered);
  upper.complete();
  lower.open();
  for (let turn = 0; turn < 10 * total + 10 && lower.ended === undefined; turn++) {
    yield () => lower.ended !== undefined || t.works.open.length > 0;
    late();
  }
  yield () => lower.ended !== undefined;
  t.completed(lower, total);
}
