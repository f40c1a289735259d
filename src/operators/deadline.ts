import type { MonoTypeOperatorFunction } from 'rxjs';
import { now } from '../core/clock.ts';
import { hooks } from '../core/hooks.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { safely } from '../core/safely.ts';
import { Alarm } from './Alarm.ts';
import { checkDuration } from './checkDuration.ts';
import { DeadlineExceededError } from './DeadlineExceededError.ts';

/** The options of {@link deadline}. */
export interface DeadlineOptions {
  /** Named in the error: 1 to 200 characters. Default `'deadline'`. */
  name?: string | undefined;
}

/**
 * Gives each subscription so much time in all, and fails when that is over.
 *
 * ```
 * source: a-b-c-d-|      deadline(5)
 * result: a-b-c#
 * ```
 *
 * - **Emits** every item at once.
 * - **Holds back** never by itself: it holds nothing, and the gate below it reaches through. The time in which that is closed counts, too.
 * - **Completes** with its source.
 * - **Errors** at once with its source, and with a `DeadlineExceededError` `ms` milliseconds after it was subscribed, whatever the gate below
 *   says; the source is unsubscribed before that.
 *
 * Every subscription has the whole time: above `retry` each try, below it all tries together.
 *
 * @example
 * ```ts
 * abortable((signal) => fetchReport(signal)).pipe(deadline(1_000), retry(2), deadline(2_500));
 * ```
 *
 * A source that never lets go of the processor is only stopped when it does.
 *
 * @see {@link idleTimeout}, which begins anew with each item. `timeout({ first })` of RxJS, for the first item alone. The `deadline` of `run`, which ends
 * a whole flow and reports.
 * @param ms Milliseconds: 0 to 2147483647.
 * @param options See {@link DeadlineOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function deadline<T>(ms: number, options: DeadlineOptions = {}): MonoTypeOperatorFunction<T> {
  const duration = checkDuration('deadline', 'ms', ms);
  const name = new OptionReader<DeadlineOptions>('deadline', options, ['name']).stageName('deadline');
  return operate(({ out, upstream, below }) => {
    const alarm = new Alarm(() => {
      safely(
        () => upstream.unsubscribe(),
        (error) => (below.flow ?? hooks).lateError(error, name),
      );
      out.error(new DeadlineExceededError(name, duration));
    });
    alarm.set(now() + duration);
    return { next: (item) => out.next(item), finalize: () => alarm.stop() };
  });
}
