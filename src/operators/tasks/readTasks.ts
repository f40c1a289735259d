import { from, throwIfEmpty, type Observable, type ObservableInput } from 'rxjs';
import { wrongType, wrongValue } from '../../core/errors.ts';
import { holds } from '../../core/options.ts';

/** One of several that run together. */
export interface Task<T> {
  /** Emits something, or fails. */
  readonly values$: Observable<T>;
  /** Set if it runs already, and may fail before anyone has subscribed to it. */
  readonly promise: Promise<T> | undefined;
}

/** Checks a list of tasks; an error names the first that is none. */
export function readTasks<T>(fn: string, given: readonly ObservableInput<T>[]): readonly Task<T>[] {
  const tasks: Task<T>[] = [];
  const next = { done: false, task: undefined as unknown };
  const look = (): boolean => {
    // One by one: an array of four thousand million holes is soon made.
    next.done = tasks.length === given.length;
    next.task = given[tasks.length];
    return Array.isArray(given);
  };
  while (!next.done) {
    if (!holds(look)) throw wrongType(fn, 'tasks', `an array of tasks: ${TASK}`, given);
    if (!next.done) tasks.push(readTask(fn, next.task as ObservableInput<T>, tasks.length));
  }
  return tasks;
}

function readTask<T>(fn: string, given: ObservableInput<T>, index: number): Task<T> {
  const name = `tasks[${index}]`;
  if (typeof given === 'string') throw wrongValue(fn, name, `${TASK}; say of(text) for a text`, given);
  let values$: Observable<T> | undefined;
  if (holds(() => (values$ = from(given)) !== undefined)) {
    // No other thenable: some begin their work when they are asked for the result, each time.
    return { values$: values$!.pipe(throwIfEmpty()), promise: given instanceof Promise ? given : undefined };
  }
  throw wrongType(fn, name, TASK, given);
}

const TASK = 'an Observable, a promise, an iterable or an async iterable';
