import { Observable, type ObservableInput } from 'rxjs';
import { checkFunction, holds, isFunction, OptionReader } from '../core/options.ts';
import { readDuration, readFunction } from '../core/readers.ts';
import { Restarting } from './Restarting.ts';

/** What {@link RestartableOptions.onRestart} is told. */
export interface Restart {
  /** How many times in a row the source has been started again, with this time, from 1. */
  readonly count: number;
  /** How the source ended. */
  readonly ended: 'failed' | 'completed';
  /** What it failed with. */
  readonly error: unknown;
}

/** The options of {@link restartable}. */
export interface RestartableOptions {
  /**
   * How long to wait before each start but the first: milliseconds from 0 to 2147483647; or a function that gets the error
   * (`undefined` after a completion) and the number of this restart, from 1, and gives an Observable, promise or the like,
   * whose first value starts the source. Required.
   */
  backoff: number | ((error: unknown, count: number) => ObservableInput<unknown>);
  /** How many restarts in a row there may be: an integer of 0 or more, or `Infinity` (default). */
  max?: number | undefined;
  /** After how many milliseconds of running the restarts before it are forgotten: 0 to 2147483647. Default: they never are. */
  resetAfter?: number | undefined;
  /**
   * What a source that completes does: it ends the result (`'end'`, default), or is started again like one that fails
   * (`'restart'`).
   */
  onComplete?: 'end' | 'restart' | undefined;
  /** Called before each wait. What it throws ends the flow. */
  onRestart?: ((restart: Restart) => void) | undefined;
}

/**
 * Runs a source that is made anew whenever it fails, after a wait, and forgets failures that lie behind a good while.
 *
 * ```
 * first:  --a--#
 * second:         --b--#
 * third:                  --c--|
 * result: --a-------b-------c--|    restartable(factory, { backoff: 3 })
 * ```
 *
 * - **Emits** everything that its sources give.
 * - **Holds back**: each source sees the gate below, also the later ones. It holds nothing itself.
 * - **Completes** with a source that does, unless `onComplete` is `'restart'`; then, after `max` restarts in a row. It also
 *   completes if what `backoff` gives completes without a value.
 * - **Errors** with the last error, as it is, after `max` restarts in a row; and at once with what `factory`, `backoff` or
 *   `onRestart` throws, or what `backoff` gives fails with.
 * - **Cancels**: unsubscribing ends the source, or the wait. A source has been unsubscribed before the next is made.
 *
 * What a source gave before it failed has been emitted, so say in `factory` where to go on. Sources that fail at once, again
 * and again, do not grow the stack; with no wait in between they let the event loop have its turn every 10 ms, or every 100
 * sources if those take longer.
 *
 * @example
 * ```ts
 * const prices$ = restartable(() => subscribeTo(url, lastId), {
 *   backoff: (error, count) => timer(Math.min(100 * 2 ** count, 10_000)),
 *   resetAfter: 60_000,
 *   onRestart: ({ error }) => log(error),
 * });
 * ```
 *
 * @see `retry` of RxJS, whose `resetOnSuccess` forgets at the first value, even if the source fails right after that, and which
 * starts the same Observable again. `repeat` of RxJS, for sources that complete.
 * @param factory Makes the source, once for each start: an Observable, a promise, an iterable or the like.
 * @param options See {@link RestartableOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function restartable<T>(factory: () => ObservableInput<T>, options: RestartableOptions): Observable<T> {
  checkFunction('restartable', 'factory', factory);
  const read = new OptionReader<RestartableOptions>('restartable', options, [
    'backoff',
    'max',
    'resetAfter',
    'onComplete',
    'onRestart',
  ]);
  const settings = {
    backoff: readBackoff(read),
    max: read.count('max', 0, Infinity, true),
    resetAfter: readDuration(read, 'resetAfter') ?? Infinity,
    restartsOnComplete: read.oneOf('onComplete', ['end', 'restart'], 'end') === 'restart',
    onRestart: readFunction(read, 'onRestart'),
  };
  return new Observable((subscriber) => new Restarting(factory, settings, subscriber).start());
}

function readBackoff(read: OptionReader<RestartableOptions>): RestartableOptions['backoff'] {
  const backoff = read.get('backoff');
  if (typeof backoff === 'function' && holds(() => isFunction(backoff))) return backoff;
  if (typeof backoff === 'number') return readDuration(read, 'backoff') as number;
  throw read.wrong('backoff', 'given: a number of milliseconds or a function', backoff);
}
