import type { Observable } from 'rxjs';

/** Who is at the other end of a sink: it is given one item at a time, and the next one once its promise has settled. */
export type Consumer = (item: unknown) => void | Promise<void>;

/** One use of a sink. */
export interface Started {
  /** Settles when the sink has ended by itself, and rejects with what its user would see. */
  readonly done: Promise<unknown>;
  /** Ends it early, as its user would. Settles when that is done. */
  cancel(): unknown;
}

/** A sink as the contract sees it. */
export interface Sink {
  readonly name: string;
  /** How many items may have been made that the consumer has not been given: the bound of the sink and of what it writes to. */
  readonly ahead: number;
  /** The items among falsy ones that it takes. */
  readonly takes: (item: unknown) => boolean;
  /** Whether its consumer can hold it back and fail. A file cannot. */
  readonly hasConsumer: boolean;
  /** Whether a cancel hands on what has been read, before it reaches the source: `pipeTo` of Node.js 20 does. */
  readonly finishesRead?: boolean;
  /** Uses it on `source`. Anything that happens before `start` must happen before a source is subscribed. */
  prepare(source: Observable<unknown>, consumer: Consumer): { start(): Started };
}
