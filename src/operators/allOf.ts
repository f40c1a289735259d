import { Observable, type ObservableInput } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { readTasks } from './tasks/readTasks.ts';
import { TaskRun } from './tasks/TaskRun.ts';

/** The options of {@link allOf}. */
export interface AllOfOptions {
  /** How many tasks may run at once: an integer of 1 or more, or `Infinity`. Default `Infinity`. */
  concurrency?: number | undefined;
}

/**
 * Runs tasks and is done when all have succeeded; the first failure ends the rest.
 *
 * ```
 * tasks:   -----a|
 *          --b|
 * result:  ------(r|)             allOf(tasks)    r: ['a', 'b']
 *
 * tasks:   -----a|
 *          --#
 * result:  --#
 * ```
 *
 * - **Emits** one array: the value of each task, in the order of the tasks. The value of a task is the last that it emits when it
 *   completes, as in `forkJoin`. Without tasks it is empty.
 * - **Holds back**: while the gate below it is closed no task begins, and the array waits. It holds one value of each task.
 * - **Completes** after that array.
 * - **Errors** with the first task that fails, with its error; the others are unsubscribed before. A task that completes without
 *   a value has failed, with an `EmptyError`: put `defaultIfEmpty` behind it if that is right. Unsubscribing ends all tasks.
 *
 * @example
 * ```ts
 * const pages$ = allOf(urls.map((url) => abortable((signal) => load(url, signal))), { concurrency: 5 });
 * ```
 *
 * For a list that is at hand and fits into memory; for a stream of items use `workerPool`. A promise in the list runs already,
 * whatever `concurrency` says, and cannot be cancelled.
 *
 * @see `forkJoin` of RxJS, which runs all at once and completes without a result if one task is empty. {@link bestEffort}, which
 * goes on after a failure; {@link quorum}, which needs only some. `ErrGroup`, the same for functions with promises.
 * @param tasks What `from` of RxJS takes: Observables, promises, iterables. Not a string.
 * @param options See {@link AllOfOptions}.
 * @throws TypeError or RangeError if a task, which its index names, or an option is wrong.
 */
export function allOf<T>(tasks: readonly ObservableInput<T>[], options: AllOfOptions = {}): Observable<T[]> {
  const list = readTasks('allOf', tasks);
  const read = new OptionReader<AllOfOptions>('allOf', options, ['concurrency']);
  const settings = { name: 'allOf', concurrency: read.count('concurrency', 1, Infinity, true) };
  return new Observable((subscriber) => new All(list, subscriber, settings).start());
}

class All<T> extends TaskRun<T, T[]> {
  readonly #values = new Array<T>(this.count);
  #succeeded = 0;

  protected override succeeded(value: T, index: number): void {
    this.#values[index] = value;
    if (++this.#succeeded === this.count) this.resolve(this.#values);
  }

  protected override failed(error: unknown): void {
    this.reject(error);
  }

  protected override none(): void {
    this.resolve([]);
  }
}
