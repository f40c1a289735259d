import {
  concat,
  concatMap,
  defer,
  filter,
  identity,
  map,
  merge,
  mergeMap,
  of,
  retry,
  scan,
  share,
  switchMap,
  takeUntil,
  tap,
  EMPTY,
  Subject,
  type OperatorFunction,
} from 'rxjs';
import { conduct } from '../makeCheck.ts';
import { random } from '../random.ts';
import type { Steps } from '../steps.ts';
import { pauses, type SourceCase, type SourceTrial } from './SourceTrial.ts';

const ITEMS = 25;
const SCHEDULES = 200;

/** What may stand between a source and the gate that it has to find. */
const BETWEEN: readonly (readonly [string, OperatorFunction<unknown, unknown>])[] = [
  [
    'map, filter, scan and tap',
    (source) =>
      source.pipe(
        map(identity),
        filter(() => true),
        scan((_, x) => x),
        tap(),
      ),
  ],
  ['mergeMap behind it', mergeMap((x) => of(x))],
  ['concatMap above it', (source) => of(0).pipe(concatMap(() => source))],
  ['switchMap above it', (source) => of(0).pipe(switchMap(() => source))],
  ['concat, behind another', (source) => concat(EMPTY, source)],
  ['defer and retry', (source) => defer(() => source).pipe(retry(2))],
  ['share', share()],
];

/** Checks of back-pressure. */
export const gates: readonly SourceCase[] = [
  {
    rule: 'R-10',
    does: 'the gate below is closed from the beginning, then opens',
    applies: pauses,
    *steps(t) {
      const count = t.count(ITEMS);
      const { source$, feed } = t.source(count);
      const lower = t.lower('consumer', true).subscribe(source$);
      yield;
      t.same('items delivered at the closed gate', lower.values, []);
      t.tookNoMore(feed, lower);
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-10',
    does: 'one item at a time is wanted, then three',
    applies: pauses,
    *steps(t) {
      const count = t.count(ITEMS);
      const { source$, feed } = t.source(count);
      const lower = t.lower('consumer', true);
      const { pulls, slack } = t.subject;
      feed.onPull = () => {
        // The one that is being taken is wanted.
        const ahead = feed.pulled - 1 - lower.values.length;
        if (pulls && ahead > slack) t.breach('R-10', `at most ${slack} items taken and not delivered`, `${ahead}`);
      };
      lower.subscribe(source$);
      for (let wanted = 1; lower.values.length < count; wanted++) {
        const more = wanted % 4 === 0 ? 3 : 1;
        const expected = Math.min(lower.results + more, count);
        lower.allow(more);
        yield () => lower.results >= expected;
        t.same('items delivered', lower.results, expected, 'R-12');
        if (wanted % 4 === 0) yield;
        t.tookNoMore(feed, lower);
      }
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-12',
    does: 'the gate moves in any order, also inside values',
    applies: pauses,
    *steps(t) {
      for (let seed = 1; seed <= (t.subject.isAsync ? 20 : SCHEDULES); seed++) {
        const trial = t.again();
        trial.inFlow = seed % 2 === 0;
        trial.noteWith('schedule', 'has seed', seed);
        yield* conduct(trial, () => schedule(trial, random(seed)));
      }
    },
  },
  {
    rule: 'R-13',
    does: 'the gate moves after the end and after unsubscribe',
    *steps(t) {
      const count = t.count(4);
      const done = t.lower('completed one').subscribe(t.source(count).source$);
      yield () => done.ended !== undefined;
      const { source$ } = t.source(count);
      const gone = t.lower('unsubscribed one', true).subscribe(source$);
      const { results } = gone;
      gone.unsubscribe();
      for (const lower of [done, gone]) {
        lower.open();
        lower.open();
        lower.shut();
        lower.allow(2);
      }
      yield;
      t.completed(done, count);
      t.same('items after unsubscribe', gone.results - results, 0);
    },
  },
  {
    rule: 'R-14',
    does: 'one of two ends while both wait at the same gate',
    applies: pauses,
    *steps(t) {
      const stop = new Subject<void>();
      const count = t.count(5);
      const dying = t.source(count);
      const living = t.source(count);
      const lower = t.lower('consumer', true);
      lower.subscribe(merge(dying.source$.pipe(takeUntil(stop)), living.source$));
      yield;
      stop.next();
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-16',
    does: 'finds the gate through operators of RxJS',
    applies: pauses,
    *steps(t) {
      for (const [name, between] of BETWEEN) {
        const count = t.count(6);
        const { source$, feed } = t.source(count);
        const lower = t.lower(`consumer behind ${name}`, true).subscribe(source$.pipe(between));
        yield;
        t.tookNoMore(feed, lower);
        lower.allow(1);
        yield () => lower.results === 1;
        yield;
        t.tookNoMore(feed, lower);
        lower.open();
        yield () => lower.ended !== undefined;
        t.completed(lower, count);
      }
    },
  },
  {
    rule: 'R-21',
    does: 'the consumer closes its gate inside every value and opens it inside every other',
    applies: pauses,
    *steps(t) {
      const count = t.count(ITEMS);
      const lower = t.lower();
      lower.onNext = (index) => {
        lower.shut();
        if (index % 2 === 0) lower.open();
      };
      lower.subscribe(t.source(count).source$);
      for (let i = 0; i <= count && lower.ended === undefined; i++) {
        yield () => lower.ended !== undefined || !lower.gate.isOpen;
        lower.open();
      }
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-22',
    does: 'a hundred thousand items (some thousand where promises are involved)',
    *steps(t) {
      t.inFlow = false;
      const count = t.count(t.subject.isAsync ? 2_000 : 100_000);
      const lower = t.lower().subscribe(t.source(count).source$);
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
  {
    rule: 'R-22',
    does: 'the gate below opens for one item, a hundred thousand times',
    applies: ({ isPausable, isAsync }) => isPausable && !isAsync,
    *steps(t) {
      t.inFlow = false;
      const count = t.count(100_000);
      const lower = t.lower('consumer', true).subscribe(t.source(count).source$);
      for (let i = 0; i <= count && lower.ended === undefined; i++) lower.allow(1);
      lower.open();
      yield () => lower.ended !== undefined;
      t.completed(lower, count);
    },
  },
];

function* schedule(t: SourceTrial, pick: (below: number) => number): Steps {
  const count = t.count(1 + pick(20));
  const { source$, feed } = t.source(count);
  const lower = t.lower('consumer', pick(2) === 0);
  const moves = [() => lower.open(), () => lower.shut(), () => lower.shut(), () => lower.allow(1 + pick(3))];
  lower.onNext = () => void (pick(4) === 0 && moves[pick(moves.length)]!());
  lower.subscribe(source$);
  for (let i = 0; i < 20; i++) {
    moves[pick(moves.length)]!();
    if (pick(3) === 0) yield;
    t.tookNoMore(feed, lower);
  }
  lower.onNext = () => {};
  lower.open();
  yield () => lower.ended !== undefined;
  t.completed(lower, count);
}
