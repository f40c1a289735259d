/** Something that a piece of code has left behind. */
export interface Leak {
  /** What it is: `Timeout`, `TCPSERVERWRAP`, `listener for 'SIGINT' of process: onSignal`, `file 23: /etc/hosts`. */
  readonly what: string;
  /** Where it was made, a line a call, as in the stack of an error; empty if nothing tells. */
  readonly stack: string;
}

/** Looks for leaks of one kind: for what is there and was not when the watch was made. */
export interface Watch {
  /** What has been left behind up to now. */
  leaks(): readonly Leak[];
  /** Removes whatever the watch itself has installed. */
  stop(): void;
}

/** What the body of `noLeaks` may ask to be watched besides. */
export interface LeakWatch {
  /** Watches the listeners of a signal from now on: at the end it must have no more of them. Gives the signal back. */
  signal<S extends AbortSignal>(signal: S): S;
  /**
   * Watches an object that must be collected as garbage once the body has ended. Gives the object back.
   *
   * @param name What the failure calls it. Default `'an object'`.
   * @throws Error if Node.js was not started with `--expose-gc`.
   */
  collected<O extends object>(object: O, name?: string): O;
  /** Watches a directory from now on: at the end nothing more may lie in it, at whatever depth. */
  directory(path: string): void;
}
