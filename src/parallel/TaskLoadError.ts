import type { StageErrorFields } from '../core/errors.ts';

/**
 * A thread could not be started, or could not import the module of a task, or found no task of that name in it. The stage
 * fails: no item could ever run.
 */
export class TaskLoadError extends Error implements StageErrorFields {
  override readonly name = 'TaskLoadError';
  readonly code = 'ERR_TASK_LOAD';
  readonly stage: string;
  /** The URL of the module. */
  readonly url: string;
  /** The name of the task. */
  readonly task: string;

  constructor(stage: string, url: string, task: string, reason: string, cause?: unknown) {
    super(`Stage "${stage}": the task "${task}" of ${url} cannot be loaded in a thread: ${reason}`, { cause });
    this.stage = stage;
    this.url = url;
    this.task = task;
  }
}
