/** One way of doing the work of a table. */
export interface Contender {
  /** Does the work on `items` items; or, where it is a program in Go, says how to start it (see `go/main.go`). */
  readonly run: ((items: number) => Promise<unknown>) | GoProgram;
  /** How many items, where it is too slow for as many as the others. */
  readonly items?: number;
  /** Whether it is ours. */
  readonly ours?: boolean;
}

/**
 * What a table claims of a row: its time is at most `atMost` times that of another, or where there is none to compare it with, at
 * most so many nanoseconds an item.
 */
export interface Claim {
  readonly row: string;
  readonly than?: string;
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

/** A row that is written in Go. It is left out where there is no Go. */
export interface GoProgram {
  readonly go: string;
  /** How many items each channel holds. */
  readonly buffer?: number;
}
