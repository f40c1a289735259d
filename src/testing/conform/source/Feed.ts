import type { Breach } from '../ConformanceError.ts';
import { plural } from '../show.ts';
import type { Trial } from '../Trial.ts';

/** The items of a source under test, which count how many were taken and whether their iterators were closed. */
export class Feed implements Iterable<unknown> {
  /** How many were taken, by all iterators together. */
  pulled = 0;
  /** How many iterators were asked for. */
  iterators = 0;
  /** Called with the number of each item before it is given. */
  onPull: (n: number) => void = () => {};
  readonly #trial: Trial;
  readonly #count: number;
  readonly #then: { readonly error: unknown } | undefined;
  readonly #make: (n: number) => unknown;
  #open = 0;

  constructor(trial: Trial, count: number, then?: { readonly error: unknown }, make = (n: number): unknown => n) {
    this.#trial = trial;
    this.#count = count;
    this.#then = then;
    this.#make = make;
    trial.watch(this);
  }

  [Symbol.iterator](): Iterator<unknown> {
    let n = 0;
    let isOpen = true;
    this.iterators++;
    this.#open++;
    this.#trial.note('items', 'are iterated');
    const close = (how: string): void => {
      this.#trial.note('items', how);
      if (isOpen) this.#open--;
      isOpen = false;
    };
    return {
      next: () => {
        if (isOpen && n < this.#count) {
          this.#trial.noteWith('items', 'give', n);
          this.pulled++;
          this.onPull(n);
          return { done: false, value: this.#make(n++) };
        }
        const failure = isOpen ? this.#then : undefined;
        close(failure === undefined ? 'end' : 'fail');
        if (failure !== undefined) throw failure.error;
        return { done: true, value: undefined };
      },
      return: () => {
        close('are closed');
        return { done: true, value: undefined };
      },
    };
  }

  leftovers(): readonly Breach[] {
    if (this.#open === 0) return [];
    const seen = `${plural(this.#open, 'iterator')} neither at the end nor closed with return()`;
    return [{ rule: 'R-42', expected: 'the iterator of the items is closed at the end', seen }];
  }
}
