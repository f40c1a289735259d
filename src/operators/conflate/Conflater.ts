import { Stage, type Connection } from '../../core/stage.ts';

/** What a {@link Conflater} is told about itself: checked `ConflateOptions`. */
export interface ConflaterSettings<T, S> {
  readonly name: string;
  /** What the first item becomes. */
  readonly seed: (item: T) => S;
  /** What is held becomes this when one more item comes. */
  readonly aggregate: (held: S, item: T) => S;
}

/** The stage that makes one of all items for which there is no room below. */
export class Conflater<T, S> extends Stage<T, S> {
  readonly #settings: ConflaterSettings<T, S>;
  #held: S | undefined;
  #isHolding = false;
  /** Whether a function of the user is at work on an item. */
  #folding = false;

  constructor(connection: Connection<S>, settings: ConflaterSettings<T, S>) {
    // It never holds its source back, so its gate has no bound to close at.
    super(connection, { name: settings.name, bound: Infinity, definition: settings });
    this.#settings = settings;
  }

  override next(item: T): void {
    if (this.ended) return;
    super.next(item);
    if (this.below.isOpen || this.#folding) return;
    this.#fold();
    this.drain();
  }

  protected override step(): boolean {
    // What comes while an item is being merged comes after it.
    if (this.#folding) return false;
    if (!this.#isHolding && this.waiting.length > 0) this.#take();
    if (!this.#isHolding || this.ended) return false;
    const value = this.#held as S;
    this.#held = undefined;
    this.#isHolding = false;
    this.inside--;
    this.telemetry.completed++;
    this.deliver(value);
    if (!this.below.isOpen) this.#fold();
    return true;
  }

  protected override cancel(): void {
    this.#held = undefined;
    this.#isHolding = false;
  }

  /** Makes one of all that wait. */
  #fold(): void {
    while (this.waiting.length > 0 && !this.ended) this.#take();
  }

  /** Takes the oldest item that waits into what is held. */
  #take(): void {
    const item = this.waiting.shift() as T;
    const { seed, aggregate } = this.#settings;
    this.inside++;
    this.#folding = true;
    try {
      const held = this.#isHolding ? aggregate(this.#held as S, item) : seed(item);
      if (this.ended) return;
      this.#held = held;
      if (this.#isHolding) {
        this.inside--;
        this.telemetry.merged++;
      }
      this.#isHolding = true;
    } catch (error) {
      this.fail(error, { item, index: this.telemetry.in - this.waiting.length - 1 });
    } finally {
      this.#folding = false;
    }
  }
}
