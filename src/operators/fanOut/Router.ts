import { homeOf, nameOfKey, type KeyName } from '../../core/homeOf.ts';
import type { Lane } from '../lanes/Lane.ts';

/** Where items go. */
export type Route<T> = 'free' | 'roundRobin' | 'broadcast' | { readonly key: (item: T) => unknown };

/** Finds a lane for each item, one after the other. */
export class Router<T, R> {
  readonly #lanes: readonly Lane<T, R>[];
  readonly #route: Route<T>;
  /** Whose turn it is. */
  #turn = 0;
  /** The key of the item that is next, once it is known: it is asked for once. */
  #key: { readonly name: KeyName } | undefined;

  constructor(lanes: readonly Lane<T, R>[], route: Route<T>) {
    this.#lanes = lanes;
    this.#route = route;
  }

  /** The lane that takes the item now. If there is none, some lane waits until it can, unless all are over. */
  laneFor(item: T): Lane<T, R> | undefined {
    if (this.#route === 'free') return this.#anyFree();
    const lane = typeof this.#route === 'object' ? this.#home(item, this.#route.key) : this.#next();
    if (lane?.isFree === true) {
      this.#key = undefined;
      this.#turn = (this.#turn + 1) % this.#lanes.length;
      return lane;
    }
    lane?.wait();
    return undefined;
  }

  /** The first that is free, from the one after that which was sent the latest. */
  #anyFree(): Lane<T, R> | undefined {
    const { length } = this.#lanes;
    for (let i = 0; i < length; i++) {
      const at = (this.#turn + i) % length;
      const lane = this.#lanes[at]!;
      if (!lane.isFree) continue;
      this.#turn = (at + 1) % length;
      return lane;
    }
    for (const lane of this.#lanes) lane.wait();
    return undefined;
  }

  /** The one whose turn it is; those that are over have none. */
  #next(): Lane<T, R> | undefined {
    for (let i = 0; i < this.#lanes.length; i++) {
      const lane = this.#lanes[this.#turn]!;
      if (!lane.isOver) return lane;
      this.#turn = (this.#turn + 1) % this.#lanes.length;
    }
    return undefined;
  }

  #home(item: T, key: (item: T) => unknown): Lane<T, R> | undefined {
    const { name } = (this.#key ??= { name: nameOfKey(key(item)) });
    const lane = this.#lanes[homeOf(name, this.#lanes.length, (seat) => !this.#lanes[seat]!.isOver)]!;
    return lane.isOver ? undefined : lane;
  }
}
