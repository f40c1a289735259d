import type fastCheck from 'fast-check';
import { type Act, type Move, type Schedule, type SourceKind, type Task, type TaskKind } from './schedule.ts';

/** What may happen at all. */
export interface Range {
  readonly sources: readonly SourceKind[];
  readonly tasks: readonly TaskKind[];
  /** Acts that make sense only if the operator was given what they work on. */
  readonly acts: readonly Act[];
  readonly items: number;
}

/** Gives random schedules, which shrink to fewer items, fewer and simpler moves, and shorter times. */
export function schedules(fc: typeof fastCheck, range: Range): fastCheck.Arbitrary<Schedule> {
  const task: fastCheck.Arbitrary<Task> = fc.record({
    // Most work ends well: otherwise most flows that stop at the first failure would be over before anything happens.
    kind: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...preferred(range.tasks)) },
      { weight: 2, arbitrary: fc.constantFrom(...range.tasks) },
    ),
    duration: fc.nat(5),
    values: fc.nat(3),
    gap: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
  });
  return fc.record({
    source: fc.constantFrom(...range.sources),
    tasks: fc.array(task, { maxLength: range.items, size: 'max' }),
    ending: fc.oneof(
      { weight: 8, arbitrary: fc.constant('complete' as const) },
      { weight: 1, arbitrary: fc.constantFrom('error' as const, 'silence' as const) },
    ),
    startsClosed: fc.boolean(),
    inFlow: fc.boolean(),
    letterTime: fc.nat(3),
    moves: fc.array(move(fc, range.acts), { maxLength: 14, size: 'max' }),
  });
}

function move(fc: typeof fastCheck, more: readonly Act[]): fastCheck.Arbitrary<Move> {
  const act = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<Act>('close', 'open', 'allow') },
    { weight: 5, arbitrary: fc.constantFrom<Act>('settle', 'push', ...more) },
    { weight: 2, arbitrary: fc.constantFrom<Act>('turn', 'end', 'fail', 'unsubscribe') },
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ at: fc.constant('time' as const), n: fc.nat(24), act, count: fc.nat(3) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        at: fc.constantFrom('value' as const, 'call' as const, 'source' as const),
        n: fc.nat(9),
        act,
        count: fc.nat(3),
      }),
    },
  );
}

const FAILING: ReadonlySet<TaskKind> = new Set(['throw', 'rejection', 'failing observable', 'never', 'silence']);

function preferred(kinds: readonly TaskKind[]): readonly TaskKind[] {
  const ending = kinds.filter((kind) => !FAILING.has(kind));
  return ending.length > 0 ? ending : kinds;
}
