import type { Writable } from 'node:stream';

/** Where progress is shown, and what else may be seen there: `process` is one. */
export interface ProgressOutputs {
  /** What progress is written to. */
  readonly stderr: ProgressStream;
  /** What the program writes its own output to; untouched unless it goes to the same place. */
  readonly stdout: ProgressStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A stream of the process that may be a terminal. */
export type ProgressStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
};
