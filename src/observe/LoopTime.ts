/** Measures how much of the time the event loop of this thread is at work, where that can be told. */
export class LoopTime {
  readonly #began = this.moment;

  /** What {@link LoopTime.share} can be asked to count from. */
  get moment(): LoopMoment | undefined {
    return (performance as { eventLoopUtilization?: () => LoopMoment }).eventLoopUtilization?.();
  }

  /** As a share of the time from a moment on, by default since this was made; `undefined` where it cannot be told. */
  share(since: LoopMoment | undefined = this.#began): number | undefined {
    const now = this.moment;
    if (now === undefined || since === undefined) return undefined;
    const active = now.active - since.active;
    const idle = now.idle - since.idle;
    return active + idle > 0 ? active / (active + idle) : undefined;
  }
}

/** Milliseconds that the event loop has been at work, and has waited. */
export interface LoopMoment {
  readonly idle: number;
  readonly active: number;
}
