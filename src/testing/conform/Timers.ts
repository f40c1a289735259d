import { createHook } from 'node:async_hooks';

/** The timers that are set from now on. */
export class Timers {
  readonly #live = new Map<number, NodeJS.Timeout>();
  readonly #hook;
  #isLooking = true;

  constructor() {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => {
        if (type === 'Timeout' && this.#isLooking) this.#live.set(id, resource as NodeJS.Timeout);
      },
      // Told in a turn of the event loop soon after it has fired or was cleared.
      destroy: (id) => void this.#live.delete(id),
    }).enable();
  }

  /** How many of them go on and keep the process alive. */
  get active(): number {
    return [...this.#live.values()].filter((timer) => timer.hasRef()).length;
  }

  /** Waits with a timer that does not count. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#isLooking = false;
      setTimeout(resolve, ms);
      this.#isLooking = true;
    });
  }

  stop(): void {
    this.#hook.disable();
    this.#live.clear();
  }
}
