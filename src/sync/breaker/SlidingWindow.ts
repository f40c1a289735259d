/** The outcomes of the latest calls. */
export interface SlidingWindow {
  /** How many calls are in the window, as of the last one recorded. */
  readonly calls: number;
  /** How many of them failed. */
  readonly failures: number;
  /** How many of them were slow, whether they failed or not. */
  readonly slow: number;
  /** Adds the outcome of a call, and lets those go that are too old. */
  record(isFailure: boolean, isSlow: boolean): void;
  /** Forgets all. */
  clear(): void;
  /** Everything in it, as JSON. */
  save(): SavedWindow;
  /** Takes what {@link SlidingWindow.save} gave. What another kind of window gave is left out. */
  restore(saved: SavedWindow): void;
}

/**
 * A window as JSON. By count: a digit for each call, the oldest first, to which a failure adds 1 and slowness 2. By time: for
 * each bucket its age in milliseconds, and how many calls, failures and slow calls are in it.
 */
export type SavedWindow = string | readonly SavedBucket[];

export type SavedBucket = readonly [age: number, calls: number, failures: number, slow: number];
