import { Observable, type ObservableInput } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { readTasks } from './tasks/readTasks.ts';
import { TaskRun } from './tasks/TaskRun.ts';

/** The options of {@link bestEffort}. */
export interface BestEffortOptions {
  /** How many tasks may run at once: an integer of 1 or more, or `Infinity`. Default `Infinity`. */
  concurrency?: number | undefined;
}

/**
 * Runs tasks and is done when all have ended, well or not.
 *
 * ```
 * tasks:   -----a|
 *          --#
 *          ---b|
 * result:  ------(r|)             bestEffort(tasks)    r: { values: ['a', 'b'], errors: [error of the second] }
 * ```
 *
 * - **Emits** one object: the `values` of the tasks that succeeded and the `errors` of those that failed, both in the order of
 *   the tasks. The value of a task is the last that it emits when it completes, as in `forkJoin`; one that completes without any
 *   has failed, with an `EmptyError`. Without tasks both are empty.
 * - **Holds back**: while the gate below it is closed no task begins, and the object waits. It holds a value or an error of each
 *   task.
 * - **Completes** after that object.
 * - **Errors** never. Unsubscribing ends all tasks.
 *
 * @example
 * ```ts
 * bestEffort(mirrors.map((url) => abortable((signal) => load(url, signal))), { concurrency: 5 }).subscribe(
 *   ({ values, errors }) => console.log(`${values.length} loaded, ${errors.length} failed`),
 * );
 * ```
 *
 * A task that never ends keeps all waiting: give each a `timeout`. For a stream of items use `workerPool` with `onError: 'emit'`.
 *
 * @see {@link allOf}, which ends with the first failure; {@link quorum}, which ends as soon as enough have succeeded.
 * @param tasks What `from` of RxJS takes: Observables, promises, iterables. Not a string.
 * @param options See {@link BestEffortOptions}.
 * @throws TypeError or RangeError if a task, which its index names, or an option is wrong.
 */
export function bestEffort<T>(
  tasks: readonly ObservableInput<T>[],
  options: BestEffortOptions = {},
): Observable<{ values: T[]; errors: unknown[] }> {
  const list = readTasks('bestEffort', tasks);
  const read = new OptionReader<BestEffortOptions>('bestEffort', options, ['concurrency']);
  const settings = { name: 'bestEffort', concurrency: read.count('concurrency', 1, Infinity, true) };
  return new Observable((subscriber) => new Efforts(list, subscriber, settings).start());
}

class Efforts<T> extends TaskRun<T, { values: T[]; errors: unknown[] }> {
  readonly #values = new Map<number, T>();
  readonly #errors = new Map<number, unknown>();

  protected override succeeded(value: T, index: number): void {
    this.#values.set(index, value);
    this.#end();
  }

  protected override failed(error: unknown, index: number): void {
    this.#errors.set(index, error);
    this.#end();
  }

  protected override none(): void {
    this.#end();
  }

  #end(): void {
    if (this.#values.size + this.#errors.size < this.count) return;
    this.resolve({ values: inOrder(this.#values), errors: inOrder(this.#errors) });
  }
}

function inOrder<V>(byIndex: ReadonlyMap<number, V>): V[] {
  return [...byIndex].toSorted(([a], [b]) => a - b).map(([, value]) => value);
}
