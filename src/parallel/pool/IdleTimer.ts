import { clearTimeout, now, setTimeout } from './clock.ts';
import type { Seat } from './Seat.ts';

/** Finds threads that have had nothing to do for a while. There is a timer only while a thread has nothing to do. */
export class IdleTimer {
  readonly #seats: readonly Seat[];
  readonly #timeout: number;
  readonly #isOver: (seat: Seat) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** With the milliseconds that a thread may be idle, and what is told of one that was. */
  constructor(seats: readonly Seat[], timeout: number, isOver: (seat: Seat) => void) {
    this.#seats = seats;
    this.#timeout = timeout;
    this.#isOver = isOver;
  }

  arm(): void {
    if (this.#timer !== undefined) return;
    if (!this.#seats.some((seat) => seat.thread !== undefined && seat.inFlight === 0)) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const seat of this.#seats) {
        const isIdle = seat.thread?.isReady === true && seat.inFlight === 0;
        if (isIdle && now() - seat.idleSince >= this.#timeout) this.#isOver(seat);
      }
      this.arm();
    }, this.#timeout);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
