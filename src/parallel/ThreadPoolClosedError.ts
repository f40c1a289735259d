import type { StageErrorFields } from '../core/errors.ts';

/** The `ThreadPool` of a stage was closed while the stage ran, or before it began. */
export class ThreadPoolClosedError extends Error implements StageErrorFields {
  override readonly name = 'ThreadPoolClosedError';
  readonly code = 'ERR_THREAD_POOL_CLOSED';
  readonly stage: string;

  constructor(stage: string) {
    super(`Stage "${stage}": its ThreadPool was closed. Close a pool when every flow that uses it has ended.`);
    this.stage = stage;
  }
}
