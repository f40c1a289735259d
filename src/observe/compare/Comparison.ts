/** Which of several variants of a flow is the fastest, and how sure that is. Times are milliseconds. */
export interface Comparison<Name extends string = string> {
  /** The fastest, if it is faster than every other by more than the noise. */
  readonly winner?: Name;
  /** How many times as long the second fastest took, and between what that lies with 95 % confidence. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Whether that exceeds the noise: `low` is more than 1. */
  readonly significant: boolean;
  /** Whether the variants gave different numbers of results: then they do not do the same work. */
  readonly resultsDiffer: boolean;
  /** Every variant, the fastest first. */
  readonly rows: readonly ComparedVariant<Name>[];
  /** All of this in a sentence or two. */
  readonly summary: string;
}

/** How one variant did. Times are milliseconds. */
export interface ComparedVariant<Name extends string = string> {
  readonly name: Name;
  /** The median of its times. */
  readonly median: number;
  /** How long it took in each round, from its subscription until everything was released. */
  readonly times: readonly number[];
  /** How many results it gave in each round. */
  readonly results: readonly number[];
  /** How many times as long it took as the fastest, and between what that lies with 95 % confidence; 1 for the fastest itself. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}
