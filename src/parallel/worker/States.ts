import { homeOf, type KeyName } from '../../core/homeOf.ts';
import { threadNumber } from './threadNumber.ts';

/** What a thread keeps for each key of each task. It is let go of by `forget`, or with the thread. */
export class States {
  readonly #byTask = new Map<number, Map<unknown, unknown>>();

  /** @throws RangeError if there are too many. */
  get<S>(task: number, key: unknown, init: () => S): S {
    let states = this.#byTask.get(task);
    if (states === undefined) this.#byTask.set(task, (states = new Map()));
    if (states.has(key)) return states.get(key) as S;
    if (states.size >= MAX_STATES) {
      throw new RangeError(
        `state(): a thread keeps the state of ${MAX_STATES} keys at most: let go of some with forget()`,
      );
    }
    const state = init();
    states.set(key, state);
    return state;
  }

  /** Lets go of what belongs to keys that are at home in another thread. */
  keepAtHome(task: number, seats: number): void {
    const states = this.#byTask.get(task);
    for (const key of states?.keys() ?? []) {
      if (homeOf(key as KeyName, seats) !== threadNumber) states!.delete(key);
    }
  }

  forget(task: number, key: unknown): void {
    this.#byTask.get(task)?.delete(key);
  }
}

const MAX_STATES = 1_000_000;
