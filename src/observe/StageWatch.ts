import type { Flow, WorkingStage } from '../core/flow.ts';
import type { Slot } from '../core/slot.ts';
import type { Telemetry } from '../core/telemetry.ts';
import type { WorkWatch } from '../core/workWatch.ts';

/** Times the work in a stage, sees how many items wait for it, and tells the flow of what fails. */
export class StageWatch<T, R> implements WorkWatch<T, R> {
  readonly #stage: WorkingStage<T, R>;
  readonly #flow: Flow;
  readonly #telemetry: Telemetry;
  readonly #isTimed: boolean;
  /** How often it was looked how many items wait for their work to begin, and how many there were in all. */
  looks = 0;
  seenWaiting = 0;
  readonly #resized: (() => void) | undefined;
  #concurrency: number;

  /** `resized` is called when the stage has another concurrency. */
  constructor(stage: WorkingStage<T, R>, flow: Flow, resized?: () => void) {
    this.#stage = stage;
    this.#flow = flow;
    this.#telemetry = stage.telemetry;
    this.#isTimed = stage.isTimed === true;
    this.#resized = resized;
    this.#concurrency = stage.telemetry.concurrency;
  }

  began(): number {
    const telemetry = this.#telemetry;
    if (telemetry.concurrency !== this.#concurrency) {
      this.#concurrency = telemetry.concurrency;
      this.#resized?.();
    }
    // Where the stage times the work itself, nothing is to be heard of its end.
    const started = this.#isTimed ? 0 : telemetry.work!.start(this.#flow);
    if (started !== 0 || this.#isTimed) {
      this.looks++;
      this.seenWaiting += this.#stage.queued ?? 0;
    }
    return started;
  }

  failed(slot: Slot<T, R>, error: unknown): void {
    this.#flow.failed?.(error, this.#stage, slot);
  }

  ended({ started }: Slot<T, R>): void {
    this.#telemetry.work!.end(this.#flow, started);
  }
}
