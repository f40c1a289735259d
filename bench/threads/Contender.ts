import type * as work from './work.ts';

/** The name of a job in `work.ts`. */
export type Job = 'ofNumber' | 'ofObject' | 'ofBuffer';

/** What goes into a job. */
export type Item = Parameters<(typeof work)[Job]>[0];

/** What comes out of it. */
export type Result = ReturnType<(typeof work)[Job]>;

/** One way of spreading jobs over threads: starts so many of them. */
export type Contender = (threads: number) => Promise<Started>;

/** A contender whose threads are there. */
export interface Started {
  /** Does the job for every item, and gives the sum of what comes out. With `transfer` the buffers are moved, not copied. */
  run(job: Job, items: Iterable<Item>, transfer: boolean): Promise<number>;
  /** Does `ofNumber` for each of these, one at a time, and gives how many milliseconds each of them took. */
  alone(items: Iterable<number>): Promise<number[]>;
  /** Ends the threads. */
  stop(): Promise<void>;
}
