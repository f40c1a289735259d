import { Observable } from 'rxjs';
import { checkFunction } from '../core/options.ts';
import { Unfolding } from './Unfolding.ts';

/** What the function given to {@link unfold} answers: a value and the next state, or `undefined` or `null` at the end. */
export type UnfoldStep<S, T> = readonly [value: T, state: S] | undefined | null;

/** What the function given to {@link unfold} is told besides the state. */
export interface UnfoldContext {
  /** Aborts when the subscription ends while this call is under way. Made when first read. */
  readonly signal: AbortSignal;
}

/**
 * Makes values from a state, step by step: each step gives a value and the next state, or the end.
 *
 * ```
 * demand: -o--o---o---o     o: the stage below takes one more
 * result: -1--2---4---|     unfold(1, (n) => (n > 4 ? undefined : [n, n * 2]))
 * ```
 *
 * - **Emits** the value of each step. The function may answer at once or with a promise, and differently from step to step.
 * - **Holds back**: no step is made while the gate below is closed. One step at a time, so at most one value is ever held:
 *   that of a promise during which the gate closed.
 * - **Completes** when a step gives `undefined` or `null`. Under `run`, a graceful end makes no further step, and
 *   waits up to 40 ms for the one under way.
 * - **Errors** at once with what the function throws or its promise rejects with, and with a TypeError if it gives anything
 *   but a pair or the end.
 * - **Cancels**: unsubscribing during a step aborts its `signal`, with an `AbortError` for its reason. What the promise says after
 *   that is not delivered; an error that is not about being aborted goes to `hooks.lateError`.
 *
 * Every subscription begins with the same `seed`: give each step's state as a new value, and never change one.
 *
 * @example
 * ```ts
 * const fibonacci = unfold({ a: 0, b: 1 }, ({ a, b }) => [a, { a: b, b: a + b }]);
 * fibonacci.pipe(take(8)).subscribe(console.log); // 0 1 1 2 3 5 8 13
 *
 * const pages = unfold(firstUrl, async (url: string | undefined, { signal }) => {
 *   if (url === undefined) return undefined;
 *   const page = await get(url, { signal });
 *   return [page.items, page.nextUrl];
 * });
 * ```
 *
 * Costs about as much as {@link fromIterable} with a generator. A generator reads better where there is a loop, or something to clean up.
 *
 * @see `generate` of RxJS, which has the parts of a `for` loop, is synchronous, and cannot be held back. `expand` of RxJS, which
 * makes many from each. {@link abortable}, for a single value. The shape, value first, is that of Haskell's `unfoldr`.
 * @param seed The first state.
 * @param next Gives `[value, state]` for a state, or `undefined` or `null` at the end, or a promise of either.
 * @throws TypeError if `next` is no function.
 */
export function unfold<S, T>(
  seed: S,
  next: (state: S, context: UnfoldContext) => UnfoldStep<S, T> | PromiseLike<UnfoldStep<S, T>>,
): Observable<T> {
  checkFunction('unfold', 'next', next);
  const settings = { name: 'unfold' };
  return new Observable((subscriber) => new Unfolding(seed, next, subscriber, settings).below.start());
}
