import { signal } from '@preact/signals';

/** How large the graph is drawn: as it fits, unless somebody has said otherwise. */
export class Zoom {
  readonly #chosen = signal<number | undefined>(undefined);
  #fit = 1;

  get isFitted(): boolean {
    return this.#chosen.value === undefined;
  }

  /** Gives the scale at which a graph is drawn in a place. */
  scale(width: number, room: number): number {
    this.#fit = Math.min(Math.max(room / width, SMALLEST_FIT), 1);
    return this.#chosen.value ?? this.#fit;
  }

  /** Goes on from what is seen. */
  change(by: number): void {
    this.#chosen.value = Math.min(Math.max((this.#chosen.peek() ?? this.#fit) * by, SMALLEST), LARGEST);
  }

  fit(): void {
    this.#chosen.value = undefined;
  }
}

const SMALLEST = 0.25;
const LARGEST = 2;
/** The smallest scale that still can be read. */
const SMALLEST_FIT = 0.6;
