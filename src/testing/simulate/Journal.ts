import type { Clock } from './Clock.ts';

/** What must hold of every operator, by the word that a report uses for it. */
export type Invariant =
  | 'grammar'
  | 'gate'
  | 'bound'
  | 'concurrency'
  | 'order'
  | 'conservation'
  | 'completion'
  | 'error'
  | 'cancellation'
  | 'after the end'
  | 'liveness'
  | 'release';

/** An invariant that did not hold. */
export interface Breach {
  readonly invariant: Invariant;
  readonly text: string;
}

/** What happened in one run, and the first thing that must not happen. */
export class Journal {
  /** One line for each thing that happened, if it was asked for. */
  readonly lines: string[] = [];
  /** The first invariant that was broken. What comes after it may be its consequence, and is not kept. */
  breach: Breach | undefined;
  readonly #clock: Clock;
  readonly #isKept: boolean;

  constructor(clock: Clock, isKept: boolean) {
    this.#clock = clock;
    this.#isKept = isKept;
  }

  /** Writes down what happens. `text` is only called if somebody will read it. */
  note(text: () => string): void {
    if (this.#isKept && this.breach === undefined) this.lines.push(`${String(this.#clock.now).padStart(6)}  ${text()}`);
  }

  /** Writes down that an invariant is broken. */
  break(invariant: Invariant, text: string): void {
    this.note(() => `✗ ${invariant}: ${text}`);
    this.breach ??= { invariant, text };
  }
}
