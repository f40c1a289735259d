/** Writes items to a destination, in order. */
export interface ItemWriter {
  /** Begins to listen to the destination. Called once, before anything else. */
  start(listener: WriterListener): void;
  /** How many items the destination takes now. When that has grown, the listener is told `ready`. */
  readonly wants: number;
  /** Writes an item; the listener is told `written` later. Throws if the destination refuses the item. */
  write(item: unknown): void;
  /** There are no more items: the listener is told `finished` once all are written, and the destination is ended if it is to be. */
  end(): void;
  /**
   * Lets go of the destination, which it destroys unless it has finished or is to be left open: with the `failure`, if there
   * is one. Settles when the destination is closed, if it is to be. Called once.
   */
  release(failure: { readonly error: unknown } | undefined): Promise<void>;
}

/** What an {@link ItemWriter} tells of its own accord. After `finished` or `failed` it tells no more than `late`. */
export interface WriterListener {
  ready(): void;
  /** One more item is written. */
  written(): void;
  finished(): void;
  failed(cause: unknown): void;
  /** The destination failed when that no longer made a difference. */
  late(error: unknown): void;
}
