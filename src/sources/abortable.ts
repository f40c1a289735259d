import { Observable } from 'rxjs';
import { checkFunction } from '../core/options.ts';
import { AbortableCall } from './AbortableCall.ts';

/**
 * Calls a function for each subscription, emits what its promise gives, and aborts its signal when the subscription ends before that.
 *
 * ```
 * work:        ---a          abortable((signal) => work(signal))
 * result:      ---(a|)
 *
 * work:        ---a
 * unsubscribe: -!
 * signal:      -!            aborts
 * ```
 *
 * - **Emits** the value of the promise, or at once what the function gives if that is no promise.
 * - **Holds back**: nothing is called while the gate below is closed. If the gate closes during the call, the value waits;
 *   at most one is ever held.
 * - **Completes** after the value. Under `run`, a graceful end lets a call that runs finish, within the grace.
 * - **Errors** at once with what the function throws or its promise rejects with.
 * - **Cancels**: unsubscribing during the call aborts the signal, with an `AbortError` for its reason, as `fetch` and others expect. So
 *   do `timeout`, `takeUntil`, `switchMap`, `take` and an error below. Once the promise has settled the signal never aborts.
 *   What the promise says after that is not delivered: a value is dropped, and so is an error that only says that the call
 *   was aborted; any other goes to `hooks.lateError`.
 *
 * Every subscription calls the function anew, with a signal of its own; so `retry` tries again.
 *
 * @example
 * ```ts
 * const user$ = abortable(async (signal) => (await fetch(url, { signal })).json());
 * user$.pipe(timeout(1_000), retry({ count: 2, delay: 500 })).subscribe(console.log);
 * ```
 *
 * `timeout` also counts the time for which a gate below held the value back.
 *
 * @see `defer` of RxJS with a promise, which leaves the work running after an unsubscribe. {@link unfold}, for many values.
 * `workerPool`, whose function gets such a signal for every item.
 * @param fn Called once a subscription, with the signal. It has to hand it on to what it waits for.
 * @throws TypeError if `fn` is no function.
 */
export function abortable<T>(fn: (signal: AbortSignal) => PromiseLike<T> | T): Observable<T> {
  checkFunction('abortable', 'fn', fn);
  const settings = { name: 'abortable' };
  return new Observable((subscriber) => new AbortableCall(fn, subscriber, settings).below.start());
}
