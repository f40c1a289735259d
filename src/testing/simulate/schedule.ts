/**
 * What the work on one item does. Values of the first eight come at random moments or at once; the rest say so.
 *
 * - `value`, `throw`: the function returns or throws at once
 * - `promise`, `rejection`: it settles after a while, or as soon as its signal aborts
 * - `stubborn`: a promise that settles after a while whatever its signal says
 * - `observable`, `failing observable`: some values, one after the other, then the end or an error
 * - `burst`: an Observable that gives all its values at once when it is subscribed
 * - `pausable`: an Observable that gives its values while its gate is open
 * - `iterable`: an async iterable
 * - `never`, `silence`: a promise and an Observable that end only when they are cancelled
 */
export type TaskKind =
  | 'value'
  | 'throw'
  | 'promise'
  | 'rejection'
  | 'stubborn'
  | 'observable'
  | 'failing observable'
  | 'burst'
  | 'pausable'
  | 'iterable'
  | 'never'
  | 'silence';

/** Every {@link TaskKind}, the simplest first: what a schedule shrinks to. */
export const TASK_KINDS: readonly TaskKind[] = [
  'value',
  'promise',
  'throw',
  'rejection',
  'observable',
  'burst',
  'pausable',
  'iterable',
  'failing observable',
  'stubborn',
  'never',
  'silence',
];

/** One item, and the work on it. Times are frames. */
export interface Task {
  readonly kind: TaskKind;
  /** How long one value, or the end, takes. */
  readonly duration: number;
  /** How many values, where it may be several. */
  readonly values: number;
  /** How long after the item before it this one comes, from a source that has a time of its own. */
  readonly gap: number;
}

/** How items come: as fast as the gate lets them, in their own time and held back by the gate, or whatever the gate says. */
export type SourceKind = 'sync' | 'async' | 'hot';

/** Every {@link SourceKind}, the simplest first. */
export const SOURCE_KINDS: readonly SourceKind[] = ['sync', 'async', 'hot'];

/** Something that is done to the flow. `settle` ends a task now; `push` makes a hot source send its next item now. */
export type Act =
  'close' | 'open' | 'allow' | 'settle' | 'push' | 'end' | 'fail' | 'unsubscribe' | 'limit' | 'letter' | 'turn';

/** An act, and the moment: a frame, or from inside the n-th value, the n-th call of the function, the n-th item made. */
export interface Move {
  readonly at: 'time' | 'value' | 'call' | 'source';
  readonly n: number;
  readonly act: Act;
  /** Which task, how many values, which limit. */
  readonly count: number;
}

/** Everything that happens in one run. */
export interface Schedule {
  readonly source: SourceKind;
  readonly tasks: readonly Task[];
  /** How the source ends by itself. A sync source cannot be silent: it completes. */
  readonly ending: 'complete' | 'error' | 'silence';
  /** Whether the gate below is closed at first. */
  readonly startsClosed: boolean;
  /** Whether it runs as part of a flow, as `run` starts one: that counts. */
  readonly inFlow: boolean;
  /** How long a dead letter takes; 0 for one that is taken at once. */
  readonly letterTime: number;
  readonly moves: readonly Move[];
}
