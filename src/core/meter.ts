import { now } from './clock.ts';
import type { LimitSample } from './limit.ts';
import type { Limited } from './limited.ts';
import type { Slot } from './slot.ts';
import { UNTIMED, type WorkWatch } from './workWatch.ts';

/** Measures the work in a stage for its limit. */
export class Meter<T, R> implements WorkWatch<T, R> {
  readonly #stage: Limited<T, R>;
  readonly #inner: WorkWatch<T, R> | undefined;
  readonly #tell: (sample: LimitSample) => void;
  readonly #running = new Map<Slot<T, R>, Measured>();

  constructor(stage: Limited<T, R>, tell: (sample: LimitSample) => void) {
    this.#stage = stage;
    this.#inner = stage.watch;
    this.#tell = tell;
  }

  began(slot: Slot<T, R>): number {
    this.#running.set(slot, { began: now(), running: this.#running.size + 1, failure: undefined });
    return this.#inner?.began(slot) || UNTIMED;
  }

  failed(slot: Slot<T, R>, error: unknown): void {
    const measured = this.#running.get(slot);
    if (measured !== undefined) measured.failure = { after: now() - measured.began, error };
    this.#inner?.failed?.(slot, error);
  }

  ended(slot: Slot<T, R>): void {
    this.#inner?.ended(slot);
    const measured = this.#running.get(slot);
    this.#running.delete(slot);
    // What is cancelled says nothing about what it worked with.
    if (measured === undefined || slot.isRunning) return;
    const { began, running, failure } = measured;
    const elapsed = now() - began;
    const duration = failure?.after ?? elapsed;
    try {
      const ago = elapsed - duration || undefined;
      this.#tell({ duration, running, failed: failure !== undefined, error: failure?.error, ago });
    } catch (error) {
      this.#stage.error(error);
    }
  }
}

interface Measured {
  readonly began: number;
  readonly running: number;
  failure: { readonly after: number; readonly error: unknown } | undefined;
}
