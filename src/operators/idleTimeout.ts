import type { MonoTypeOperatorFunction } from 'rxjs';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { checkDuration } from './checkDuration.ts';
import { IdleWatch } from './idleTimeout/IdleWatch.ts';

/** The options of {@link idleTimeout}. */
export interface IdleTimeoutOptions {
  /** How the flow ends when nothing comes: with an `IdleTimeoutError` (`'fail'`, the default), or well (`'complete'`). */
  onIdle?: 'fail' | 'complete' | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'idleTimeout'`. */
  name?: string | undefined;
  /** How many items beyond the one that may be held it takes from a source that cannot be paused. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Ends a flow when nothing has come for so long, although something was wanted.
 *
 * ```
 * source: a-b------c      idleTimeout(4)
 * demand: o--------
 * result: a-b---#
 *
 * source: a-b------c      idleTimeout(4)
 * demand: o--x---o----    o: gate opens, x: gate closes
 * result: a-b------c---#
 * ```
 *
 * - **Emits** every item at once, or when the gate below opens.
 * - **Holds back** its source while an item waits for the gate below.
 * - **Completes** with its source; with `onIdle: 'complete'` also after silence.
 * - **Errors** at once with its source, and with an `IdleTimeoutError` after `ms` milliseconds of silence: since the subscription, the last item,
 *   or the moment at which the gate below opened. If that is closed when the time is up, time begins anew once it opens.
 *
 * It holds at most one item. Every subscription counts for itself, so `retry` tries again.
 *
 * @example
 * ```ts
 * prices$.pipe(idleTimeout(5_000), retry({ count: 3, delay: 1_000 }), workerPool(store));
 * ```
 *
 * Costs a look at the clock for each item.
 *
 * @see `timeout` of RxJS, which takes a slow consumer for a silent source. {@link deadline}, for a subscription as a whole.
 * @param ms Milliseconds: 0 to 2147483647.
 * @param options See {@link IdleTimeoutOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function idleTimeout<T>(ms: number, options: IdleTimeoutOptions = {}): MonoTypeOperatorFunction<T> {
  const timeout = checkDuration('idleTimeout', 'ms', ms);
  const reader = new OptionReader<IdleTimeoutOptions>('idleTimeout', options, ['onIdle', 'name', 'overflowLimit']);
  const settings = {
    name: reader.stageName('idleTimeout'),
    timeout,
    onIdle: reader.oneOf('onIdle', ['fail', 'complete'], 'fail'),
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
  };
  return operate((connection) => new IdleWatch<T>(connection, settings));
}
