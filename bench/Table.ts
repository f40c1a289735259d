/** One way of doing the work of a table. */
export interface Contender {
  /** Does the work on `items` items. */
  readonly run: (items: number) => Promise<unknown>;
  /** How many items, where it is too slow for as many as the others. */
  readonly items?: number;
  /** Whether it is ours. */
  readonly ours?: boolean;
}

/** What a table claims of one row beside another: its time is at most `atMost` times that of the other. */
export interface Claim {
  readonly row: string;
  readonly than: string;
  readonly atMost: number;
}

/** Several ways of doing the same work, measured in turn. */
export interface Table {
  readonly title: string;
  readonly items: number;
  /** The row that the ratios are taken against. */
  readonly base: string;
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly claims: readonly Claim[];
}

/** What the process of one contender reports of itself. */
export interface Measured {
  /** Nanoseconds an item in the fastest of its runs. */
  readonly ns: number;
  /** The most memory that it ever had, in megabytes. */
  readonly rss: number;
}
