/** Something that a flow uses and that has a state of its own: a pool of threads, a circuit breaker. */
export type Gauge = ThreadsGauge | FiguresGauge;

/** A pool of threads. */
export interface ThreadsGauge {
  readonly kind: 'threads';
  readonly name: string;
  read(): readonly ThreadState[];
  /** For how long, summed up, its threads have been seen at items of a stage that they have not reported yet. */
  timeAt(stage: object): number;
}

/** What one thread of a pool does. Times are milliseconds. */
export interface ThreadState {
  /** Its place in the pool, from 0: one thread after the other may have it. */
  readonly thread: number;
  readonly state: 'none' | 'starting' | 'idle' | 'working' | 'ending';
  /** Whose items it works on. */
  readonly stage?: string;
  /** The place in the input of the item that it works on, and for how long it has been seen at it. */
  readonly item?: number;
  readonly since?: number;
  /** Time at work. */
  readonly busy: number;
  /** Items done. */
  readonly items: number;
  /** How many threads have taken the place of another here. */
  readonly restarts: number;
  /** Bytes that it holds outside its heap, and in it, as it last said. */
  readonly external: number;
  readonly heap?: number;
}

/** Something that shows itself by a word and some figures: a circuit breaker, a rate limit. */
export interface FiguresGauge {
  readonly kind: 'circuit breaker' | 'rate limit';
  readonly name: string;
  read(): FiguresReading;
}

export interface FiguresReading {
  /** What it is like now, as a word: `open`, `closed`. */
  readonly state?: string;
  /** Figures, by what they are called. */
  readonly figures: Readonly<Record<string, number>>;
}
