import { inspect, type StageErrorFields } from '../core/errors.ts';

/** A source of `mergeSorted` sent an item that sorts before the one it had sent last. */
export class DisorderError extends Error implements StageErrorFields {
  override readonly name = 'DisorderError';
  readonly code = 'ERR_DISORDER';
  readonly stage: string;
  /** Which source it was: its index. */
  readonly source: number;
  readonly #item: unknown;
  readonly #key: unknown;
  readonly #previous: unknown;

  constructor(stage: string, source: number, item: unknown, key: unknown, previous: unknown) {
    super(
      `Source ${source} of "${stage}" is not sorted: ${inspect(key)} came after ${inspect(previous)}. ` +
        "Sort it first, or use onDisorder: 'pass'",
    );
    this.stage = stage;
    this.source = source;
    this.#item = item;
    this.#key = key;
    this.#previous = previous;
  }

  /** The item. Not shown where the error is printed: it may have a secret in it. */
  get item(): unknown {
    return this.#item;
  }

  /** What the item is sorted by. */
  get key(): unknown {
    return this.#key;
  }

  /** What the item before it is sorted by. */
  get previous(): unknown {
    return this.#previous;
  }
}
