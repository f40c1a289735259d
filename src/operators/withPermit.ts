import { Observable, type MonoTypeOperatorFunction, type OperatorFunction } from 'rxjs';
import { setSubscribing } from '../core/demand.ts';
import { outOfRange, wrongType } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { checkCount, holds } from '../core/options.ts';
import { Semaphore } from '../sync/Semaphore.ts';

/**
 * Takes permits of a semaphore before it subscribes the source, and gives them back when that subscription is over.
 *
 * ```
 * first:  a---|
 * second: b---|              size: 1, subscribed at the same time
 * result: a---|              first.pipe(withPermit(semaphore))
 * result: ----b---|          second.pipe(withPermit(semaphore))
 * ```
 *
 * - **Emits** what its source emits.
 * - **Holds back** the subscription until it has the permits, in the order of {@link Semaphore.acquire}. After that it holds
 *   nothing: the gate below it reaches through to its source.
 * - **Completes** and **errors** with its source. The permits are given back after that has been told, and after the source has
 *   released what it holds.
 * - **Cancels**: an unsubscribe gives the permits back, or ends the wait for them.
 *
 * @example
 * ```ts
 * const connections = new Semaphore(10);
 * const query = (sql: string) => rowsOf(sql).pipe(withPermit(connections));
 * // Both flows together have ten queries at once at the most.
 * users$.pipe(workerPool((user) => query(ordersOf(user)), { concurrency: 8 })).subscribe(show);
 * query('select * from jobs').pipe(toFile('jobs.ndjson')).subscribe();
 * ```
 *
 * It belongs around an inner Observable: around a whole flow it is a permit for the whole flow. A flow that holds permits and
 * waits for more of the same semaphore inside waits for itself.
 *
 * @see `workerPool`, whose `concurrency` bounds one stage, and which holds its source back meanwhile. `mergeMap` of RxJS, which
 * subscribes as many inners as come: with this around each, those that wait are held without a bound.
 * @param semaphore Whose permits to take, for each subscription.
 * @param weight How many: an integer from 1 to the size of the semaphore. Default 1.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function withPermit<T>(semaphore: Semaphore, weight = 1): MonoTypeOperatorFunction<T> {
  if (!holds(() => semaphore instanceof Semaphore)) {
    throw wrongType('withPermit', 'semaphore', 'a Semaphore', semaphore);
  }
  checkCount('withPermit', 'weight', weight, 1);
  if (weight > semaphore.size) {
    const rule = `an integer from 1 to ${semaphore.size}, the size of the semaphore`;
    throw outOfRange('withPermit', 'weight', rule, weight);
  }
  /** Emits once, when the permits are taken: whoever hears it has to give them back. */
  const permit$ = new Observable<void>((subscriber) =>
    semaphore.wait(weight, () => {
      subscriber.next();
      subscriber.complete();
    }),
  );
  // A source that emits after its end must not reach what is below.
  const guarded = operate<T, T>(({ out }) => ({ next: (item) => out.next(item) }));
  const begin = (source: Observable<T>): OperatorFunction<void, T> =>
    operate(({ out, below }) => ({
      next() {
        // As if it were subscribed where this operator was, and not where permits were given back.
        const outer = setSubscribing(below);
        try {
          source.pipe(guarded).subscribe(out);
        } finally {
          setSubscribing(outer);
          // After the source's own teardowns, and at once if they have run.
          out.add(() => semaphore.release(weight));
        }
      },
      // The end of the wait is not the end of the flow.
      complete() {},
    }));
  return (source) => permit$.pipe(begin(source));
}
