import { reasonOf } from '../core/errors.ts';
import type { WorkingStage } from '../core/flow.ts';
import { hooks } from '../core/hooks.ts';
import type { Slot } from '../core/slot.ts';
import { UNTIMED, type WorkWatch } from '../core/workWatch.ts';
import type { FlowObserver, FlowWatch, WorkEnd } from './FlowObserver.ts';
import type { FlowView } from './FlowView.ts';
import type { Report } from './report.ts';

/** Tells one who wants to know of a flow and the work in it. One that fails is told of nothing more; the flow goes on. */
export class Tracing {
  #watch: FlowWatch | undefined;

  constructor(observer: FlowObserver, flow: FlowView) {
    this.#try(() => (this.#watch = observer.begin(flow)));
  }

  /** Calls `subscribe` once, in the context that everything in the flow is to see. */
  start(subscribe: () => void): void {
    this.#once(subscribe, (only) => this.#watch?.start(only));
  }

  /** Has the work of a stage run in the context that it is to see. */
  carry<T, R>(stage: WorkingStage<T, R>): void {
    const { execute, watch } = stage;
    const ends = new Map<Slot<T, R>, WorkEnd>();
    const ending = new EndWatch(watch, ends, (tell) => this.#try(tell));
    stage.execute = (slot) => {
      const { index, attempt } = slot;
      let end: WorkEnd | undefined;
      ending.begin(slot);
      try {
        this.#once(
          () => execute(slot),
          (begin) => (end = this.#watch?.around({ stage: stage.name, index, attempt }, begin)),
        );
      } finally {
        const early = ending.takeEarly();
        // What ended at once did so before anyone knew who wants to hear of it. What has thrown has not ended: that is told next.
        if (end !== undefined && slot.index === index) ends.set(slot, end);
        if (early !== undefined) this.#try(() => end?.failed(early.error));
        if (slot.index !== index) this.#try(() => end?.ended());
      }
    };
    stage.watch = ending;
  }

  traceparent(): string | undefined {
    let trace: string | undefined;
    this.#try(() => (trace = this.#watch?.traceparent()));
    return trace;
  }

  end(report: Report): void {
    this.#try(() => this.#watch?.end(report));
    this.#watch = undefined;
  }

  /** Has `act` called by `around`: once, even if that fails before or after, or does not call it. Its own error passes. */
  #once(act: () => void, around: (act: () => void) => void): void {
    let isDone = false;
    let failure: { readonly error: unknown } | undefined;
    const only = (): void => {
      if (isDone) return;
      isDone = true;
      try {
        act();
      } catch (error) {
        failure = { error };
      }
    };
    this.#try(() => around(only));
    only();
    if (failure !== undefined) throw failure.error;
  }

  #try(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#watch = undefined;
      hooks.warn(`What "telemetry" gave failed, and is told of nothing more: ${reasonOf(error)}`, 'SLUICE_TELEMETRY');
    }
  }
}

/** Tells of the ends of work. */
class EndWatch<T, R> implements WorkWatch<T, R> {
  readonly #inner: WorkWatch<T, R> | undefined;
  readonly #ends: Map<Slot<T, R>, WorkEnd>;
  readonly #tell: (tell: () => void) => void;
  /** Whose work is being begun. */
  #beginning: Slot<T, R> | undefined;
  #early: { readonly error: unknown } | undefined;

  constructor(inner: WorkWatch<T, R> | undefined, ends: Map<Slot<T, R>, WorkEnd>, tell: (tell: () => void) => void) {
    this.#inner = inner;
    this.#ends = ends;
    this.#tell = tell;
  }

  began(slot: Slot<T, R>): number {
    return this.#inner?.began(slot) || UNTIMED;
  }

  failed(slot: Slot<T, R>, error: unknown): void {
    this.#inner?.failed?.(slot, error);
    const end = this.#ends.get(slot);
    if (end !== undefined) this.#tell(() => end.failed(error));
    else if (slot === this.#beginning) this.#early = { error };
  }

  /** The work on an item is about to begin. */
  begin(slot: Slot<T, R>): void {
    this.#beginning = slot;
  }

  /** How the work failed that has just begun, if it has failed already. */
  takeEarly(): { readonly error: unknown } | undefined {
    const early = this.#early;
    this.#early = undefined;
    this.#beginning = undefined;
    return early;
  }

  ended(slot: Slot<T, R>): void {
    this.#inner?.ended(slot);
    const end = this.#ends.get(slot);
    this.#ends.delete(slot);
    if (end !== undefined) this.#tell(() => end.ended());
  }
}
