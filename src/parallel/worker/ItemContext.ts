import type { TaskContext } from '../TaskContext.ts';
import type { BatchRun } from './BatchRun.ts';
import { abort, signalFor } from './signal.ts';
import { threadNumber } from './threadNumber.ts';

/** What a task is told about the item at one place of a batch. */
export class ItemContext implements TaskContext {
  readonly #run: BatchRun;
  readonly #offset: number;
  #controller: AbortController | undefined;

  constructor(run: BatchRun, offset: number) {
    this.#run = run;
    this.#offset = offset;
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    this.#controller = new AbortController();
    return signalFor(this.#controller, () => this.#run.isCancelled(this.#offset));
  }

  get index(): number {
    const { indexes } = this.#run.batch;
    return typeof indexes === 'number' ? indexes + this.#offset : indexes[this.#offset]!;
  }

  get attempt(): number {
    return this.#run.batch.attempts?.[this.#offset] ?? 1;
  }

  get thread(): number {
    return threadNumber;
  }

  get stage(): string {
    return this.#run.batch.stage;
  }

  get traceparent(): string | undefined {
    return this.#run.batch.traces?.[this.#offset];
  }

  get key(): unknown {
    return this.#run.batch.keys?.[this.#offset];
  }

  state<S>(init: () => S): S {
    return this.#run.runner.states.get(this.#run.batch.task, this.key, init);
  }

  forget(): void {
    this.#run.runner.states.forget(this.#run.batch.task, this.key);
  }

  /** @internal */
  cancel(): void {
    if (this.#controller !== undefined) abort(this.#controller);
  }
}
