import type { PoolUser } from './PoolUser.ts';

/** The numbers by which the threads of a pool know tasks: stages of the same task share one. */
export class TaskNumbers {
  readonly #byTask = new Map<string, number>();
  readonly #byUser = new WeakMap<PoolUser, number>();

  of(user: PoolUser): number {
    const known = this.#byUser.get(user);
    if (known !== undefined) return known;
    const key = `${user.url}\n${user.task}`;
    const number = this.#byTask.get(key) ?? this.#byTask.size;
    this.#byTask.set(key, number);
    this.#byUser.set(user, number);
    return number;
  }
}
