import type { PoolSettings } from '../core/poolSettings.ts';
import type { MoveReason } from './pool/PoolUser.ts';
import type { Task } from './task.ts';

/** Some thread's state is gone, and perhaps keys with it. */
export interface Move {
  /** Which thread it was, from 0; `undefined` where the pool was resized. */
  readonly thread: number | undefined;
  readonly reason: MoveReason;
  /** Whether a key was at home there, or is now at home elsewhere: its state begins anew. */
  readonly affects: (key: unknown) => boolean;
}

/** What a {@link ParallelStage} is told about itself besides what every pool is. */
export interface ParallelSettings<T> extends PoolSettings<T> {
  readonly task: Task<T, unknown>;
  readonly timeout: number | undefined;
  /** How often an item may run again after its thread crashed, or it took too long. */
  readonly crashRetries: number;
  readonly timeoutRetries: number;
  readonly transfer: boolean | 'auto';
  readonly key: ((item: T) => unknown) | undefined;
  readonly onMove: ((move: Move) => void) | undefined;
  readonly maxBatch: number;
  readonly maxBatchBytes: number;
  readonly maxItemBytes: number;
  readonly grace: number;
  /** Whether cheap work may run on this thread. */
  readonly inline: boolean;
}
