import { Observable, type ObservableInput } from 'rxjs';
import { outOfRange } from '../core/errors.ts';
import { checkCount } from '../core/options.ts';
import { QuorumError } from './QuorumError.ts';
import { readTasks } from './tasks/readTasks.ts';
import { TaskRun } from './tasks/TaskRun.ts';

/**
 * Runs all tasks at once and is done when `k` of them have succeeded.
 *
 * ```
 * tasks:   --a|
 *          -#
 *          -----b|
 *          ---------c|
 * result:  ------(r|)             quorum(2, tasks)    r: { values: ['a', 'b'], errors: [error of the second] }
 * ```
 *
 * - **Emits** one object: the `values` of the first `k` tasks that succeeded, in the order in which they did, and the `errors`
 *   until then. The value of a task is the last that it emits when it completes, as in `forkJoin`. One that completes without any
 *   has failed, with an `EmptyError`.
 * - **Holds back**: while the gate below it is closed no task begins, and a result waits. It holds one value of each task.
 * - **Completes** after that object. The tasks that are left are unsubscribed before it is sent.
 * - **Errors** as soon as too many have failed for `k` to succeed, with a `QuorumError` that has all `errors`; the others are
 *   unsubscribed before. Unsubscribing ends all tasks.
 *
 * @example
 * ```ts
 * const replicas = [a, b, c].map((url) => abortable((signal) => write(url, record, signal)));
 * quorum(2, replicas).subscribe(({ errors }) => console.log(`written, ${errors.length} failed`));
 * ```
 *
 * A promise in the list runs already, and goes on running when it is no longer wanted; to be cancelled, a task has to be an
 * Observable such as `abortable`. What a task fails with that is no longer wanted is dropped.
 *
 * @see {@link bestEffort}, which waits for all; {@link allOf}, which needs all. `hedge`, which asks a second only when the first
 * is late. Source: "Weighted Voting for Replicated Data" (Gifford, 1979).
 * @param k How many tasks have to succeed: an integer from 1 to their number.
 * @param tasks What `from` of RxJS takes, at least one: Observables, promises, iterables. Not a string.
 * @throws TypeError or RangeError if `k` or a task, which its index names, is wrong.
 */
export function quorum<T>(
  k: number,
  tasks: readonly ObservableInput<T>[],
): Observable<{ values: T[]; errors: unknown[] }> {
  checkCount('quorum', 'k', k, 1);
  const list = readTasks('quorum', tasks);
  if (list.length === 0) throw outOfRange('quorum', 'tasks', 'a list of at least one task', tasks);
  if (k > list.length) throw outOfRange('quorum', 'k', `at most the number of tasks, which is ${list.length}`, k);
  const settings = { name: 'quorum', concurrency: Infinity };
  return new Observable((subscriber) => new Quorum(k, list, subscriber, settings).start());
}

class Quorum<T> extends TaskRun<T, { values: T[]; errors: unknown[] }> {
  readonly #k: number;
  readonly #values: T[] = [];
  readonly #errors: unknown[] = [];

  constructor(k: number, ...rest: ConstructorParameters<typeof TaskRun<T, { values: T[]; errors: unknown[] }>>) {
    super(...rest);
    this.#k = k;
  }

  protected override succeeded(value: T): void {
    if (this.#values.push(value) === this.#k) this.resolve({ values: this.#values, errors: this.#errors });
  }

  protected override failed(error: unknown): void {
    if (this.#errors.push(error) > this.count - this.#k) {
      this.reject(new QuorumError(this.#k, this.count, this.#errors));
    }
  }
}
