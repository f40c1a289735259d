import type { Demand } from '../core/demand.ts';

/** The iterator of one page: closed once, never from within its own code, and not when it has ended or thrown. */
export class PageItems<T> {
  readonly #iterator: Iterator<T>;
  #isOver = false;
  #isPulling = false;

  constructor(items: Iterable<T>) {
    this.#iterator = items[Symbol.iterator]();
  }

  next(): IteratorResult<T> {
    // Stays set when `next` throws: such an iterator is over.
    this.#isPulling = true;
    const result = this.#iterator.next();
    this.#isPulling = false;
    if (result.done === true) this.#isOver = true;
    return result;
  }

  /** What goes wrong is reported to `below`, since it comes too late to be delivered. */
  close(below: { releasing: Demand<T>['releasing'] }): void {
    if (this.#isOver || this.#isPulling) return;
    this.#isOver = true;
    try {
      this.#iterator.return?.();
    } catch (error) {
      below.releasing(Promise.reject(error));
    }
  }
}
