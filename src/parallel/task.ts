import { isFunction } from '../core/options.ts';
import { wrongType, wrongValue } from '../core/errors.ts';
import type { TaskContext, TaskOutput } from './TaskContext.ts';

/** A function that runs on threads, under the name by which a thread finds it again. Made by {@link task}. */
export interface Task<I, O> {
  /** The module that declares it: what a thread imports. */
  readonly url: string;
  /** Its name, of which a module has one each. */
  readonly name: string;
  /** The function itself. Called on the thread that it is called on: nothing is sent anywhere. */
  readonly fn: (item: I, context: TaskContext) => TaskOutput<O>;
}

/**
 * Declares a function that `parallel` runs on other threads.
 *
 * A thread imports the module that declares the task, by the URL recorded here, and looks the name up: nothing but items and
 * results is ever sent, so the function may use everything its module imports. Put tasks in modules of their own, which do
 * nothing when they are imported; each thread keeps its own copy of the module's variables.
 *
 * @example
 * ```ts
 * // hash.task.ts
 * export const hash = task(import.meta.url, 'hash', (text: string) => createHash('sha256').update(text).digest('hex'));
 * ```
 *
 * `sluice/task` imports nothing, RxJS neither, so that a thread starts quickly.
 *
 * @param moduleUrl The `import.meta.url` of the module that declares it: a `file:` URL.
 * @param name The task's name in that module: 1 to 200 printable characters.
 * @param fn Called with each item and a {@link TaskContext}. It may give back a value, a promise of one, or many values as a
 *   generator, an async iterable or an Observable. Arrays, strings, maps and sets are one value.
 * @throws TypeError if an argument is wrong, or, in a thread, if the module has another task of that name.
 */
export function task<I, O>(
  moduleUrl: string,
  name: string,
  fn: (item: I, context: TaskContext) => TaskOutput<O>,
): Task<I, O> {
  if (typeof moduleUrl !== 'string') throw wrongType('task', 'moduleUrl', URL_RULE, moduleUrl);
  if (!moduleUrl.startsWith('file:')) throw wrongValue('task', 'moduleUrl', URL_RULE, moduleUrl);
  const rule = 'a string of 1 to 200 printable characters';
  if (typeof name !== 'string') throw wrongType('task', 'name', rule, name);
  if (!/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(name)) throw wrongValue('task', 'name', rule, name);
  if (!isFunction(fn)) throw wrongType('task', 'fn', 'a function', fn);
  const made: Task<I, O> = Object.freeze({ url: moduleUrl, name, fn });
  const tasks = registry();
  const key = keyOf(moduleUrl, name);
  // On the main thread a module may be evaluated again (a test runner, hot reloading): the new one counts.
  if (tasks.inThread && tasks.byKey.has(key)) {
    throw wrongValue('task', 'name', `one that no other task of ${moduleUrl} has`, name);
  }
  tasks.byKey.set(key, made);
  return made;
}

/** Whether a value was made by {@link task}, of this copy of the package or another. */
export function isTask(value: unknown): value is Task<never, unknown> {
  const { url, name, fn } = (value ?? {}) as Partial<Task<never, unknown>>;
  return typeof url === 'string' && typeof name === 'string' && isFunction(fn);
}

/** The task of a module that has been imported. */
export function findTask(url: string, name: string): Task<never, unknown> | undefined {
  return registry().byKey.get(keyOf(url, name));
}

/** The names of the tasks that a module has declared. */
export function namesOf(url: string): string[] {
  const prefix = keyOf(url, '');
  return [...registry().byKey.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/** Says that this is a thread whose modules are imported for their tasks. */
export function declareThread(): void {
  registry().inThread = true;
}

/** Whether a module is being imported for its tasks, in a thread: it must not start flows of its own then. */
export function setLoading(url: string | undefined): void {
  registry().loading = url;
}

/** The module that is being imported for its tasks at this moment. */
export function loadingModule(): string | undefined {
  return registry().loading;
}

interface Registry {
  readonly byKey: Map<string, Task<never, unknown>>;
  inThread: boolean;
  loading: string | undefined;
}

/** One for all copies of this package in a thread. */
function registry(): Registry {
  const shared = globalThis as { [TASKS]?: Registry };
  return (shared[TASKS] ??= { byKey: new Map(), inThread: false, loading: undefined });
}

/** A module evaluated under another query (`?v=2`, as test runners have it) is the same module. */
function keyOf(url: string, name: string): string {
  return `${url.replace(/[?#].*$/, '')}\n${name}`;
}

const TASKS = Symbol.for('sluice.tasks');
const URL_RULE = 'import.meta.url, a file: URL';
