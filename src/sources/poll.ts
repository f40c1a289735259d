import { Observable } from 'rxjs';
import { checkFunction, OptionReader } from '../core/options.ts';
import { readDuration, readFlag, readFunction } from '../core/readers.ts';
import { Polling } from './Polling.ts';

/** The options of {@link poll}. */
export interface PollOptions<T> {
  /** Milliseconds between two calls: 0 to 2147483647. Required. */
  every: number;
  /**
   * From when that time counts: from the `'end'` of the last call (default), or from its `'start'`; then a call that took
   * longer is followed by the next one at once.
   */
  from?: 'end' | 'start' | undefined;
  /** Whether the first call is made at once, and not after the first `every`. Default `true`. */
  immediate?: boolean | undefined;
  /** Called with each answer. If it gives `true`, that answer is the last, and it is emitted. Default: there is no last one. */
  until?: ((answer: T) => boolean) | undefined;
  /**
   * Whether to emit only what differs from what was emitted last: `true` compares with `Object.is`; a function says whether two
   * are the same. The answer at which `until` ends is emitted in any case. Default `false`.
   */
  distinct?: boolean | ((last: T, answer: T) => boolean) | undefined;
  /** Names the source in the report: 1 to 200 printable characters. Default `'poll'`. */
  name?: string | undefined;
}

/**
 * Calls a function again and again, never twice at once, and emits what it answers.
 *
 * ```
 * calls:  a--b--c--         poll(ask, { every: 3 }), where ask answers at once
 * result: a--b--c--
 *
 * calls:  --a-----b-----    each answer takes 2
 * result: --a----b----c-    from: 'end'
 * ```
 *
 * - **Emits** each answer; with `distinct` only those that are new.
 * - **Holds back**: while the gate below is closed nothing is called. The call whose time has come meanwhile is made when the
 *   gate opens: one, however many were missed. If the gate closes during a call, its answer waits. At most one is ever held.
 * - **Completes** with the answer for which `until` gives `true`. Under `run`, a graceful end gives up the call that is under
 *   way, and lets an answer that waits leave first.
 * - **Errors** at once with what the function throws or its promise rejects with. With `retry` of RxJS it begins again.
 * - **Cancels**: unsubscribing during a call aborts its signal, with an `AbortError` for its reason. An error that is not about
 *   that and comes later goes to `hooks.lateError`.
 *
 * @example
 * ```ts
 * const job$ = poll((signal) => getJson(`/jobs/${id}`, { signal }), { every: 2_000, until: (job) => job.state === 'done' });
 * job$.pipe(retry({ count: 5, delay: 1_000, resetOnSuccess: true })).subscribe(show);
 * ```
 *
 * A call costs a timer and a promise. Where the other side can tell you by itself, let it.
 *
 * @see {@link ticker} with `workerPool`, for calls at a fixed rate or several at once. `timer` of RxJS with `exhaustMap`, which
 * cannot be held back. {@link abortable}, for a single call.
 * @param fn Called with a signal that it has to hand on to what it waits for.
 * @param options See {@link PollOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function poll<T>(fn: (signal: AbortSignal) => T | PromiseLike<T>, options: PollOptions<T>): Observable<T> {
  checkFunction('poll', 'fn', fn);
  const read = new OptionReader<PollOptions<T>>('poll', options, [
    'every',
    'from',
    'immediate',
    'until',
    'distinct',
    'name',
  ]);
  const every = readDuration(read, 'every');
  if (every === undefined) throw read.wrong('every', 'given: a number of milliseconds from 0 to 2147483647', undefined);
  const settings = {
    name: read.stageName('poll'),
    every,
    from: read.oneOf('from', ['end', 'start'], 'end'),
    immediate: readFlag(read, 'immediate', true),
    until: readFunction(read, 'until'),
    isSame: readDistinct(read),
  };
  return new Observable((subscriber) => new Polling(fn, settings, subscriber).below.start());
}

function readDistinct<T>(read: OptionReader<PollOptions<T>>): ((last: T, answer: T) => boolean) | undefined {
  const distinct = read.get('distinct');
  if (distinct === undefined || distinct === false) return undefined;
  if (distinct === true) return Object.is;
  if (typeof distinct === 'function') return distinct;
  throw read.wrong('distinct', 'true, false or a function', distinct);
}
