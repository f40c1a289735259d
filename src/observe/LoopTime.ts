/** Measures how much of the time the event loop of this thread is at work, where that can be told. */
export class LoopTime {
  readonly #since = now();

  /** As a share, since this was made; `undefined` where it cannot be told. */
  get share(): number | undefined {
    const loop = now();
    if (loop === undefined || this.#since === undefined) return undefined;
    const active = loop.active - this.#since.active;
    const idle = loop.idle - this.#since.idle;
    return active + idle > 0 ? active / (active + idle) : undefined;
  }
}

interface Loop {
  readonly idle: number;
  readonly active: number;
}

function now(): Loop | undefined {
  return (performance as { eventLoopUtilization?: () => Loop }).eventLoopUtilization?.();
}
