import { clearTimeout, now, setTimeout } from './clock.ts';
import type { Seat } from './Seat.ts';

/** Looks at busy threads from time to time: whether an item takes longer than it may, or the thread holds too much. */
export class Watch {
  readonly #seats: readonly Seat[];
  readonly #maxMemory: number;
  readonly #looked: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;

  constructor(seats: readonly Seat[], maxMemory: number, looked: () => void) {
    this.#seats = seats;
    this.#maxMemory = maxMemory;
    this.#looked = looked;
  }

  /** Sees to it that it looks again in time. `isUneven`: some thread has nothing to do while another has much. */
  arm(isUneven: boolean): void {
    let wait = isUneven ? SOON : Infinity;
    for (const seat of this.#seats) {
      for (const batch of seat.places) {
        if (batch === undefined) continue;
        const { timeout = Infinity } = batch.user;
        wait = Math.min(wait, Math.max(timeout / 8, SOON), this.#maxMemory < Infinity ? SELDOM : Infinity);
      }
    }
    if (wait === Infinity) return;
    wait = Math.min(wait, SELDOM);
    const due = now() + wait;
    if (this.#timer !== undefined && this.#due <= due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
      this.#looked();
    }, wait);
    // A thread that is at work keeps the process alive itself.
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const time = now();
    for (const seat of this.#seats) {
      for (const [place, batch] of seat.places.entries()) {
        if (batch === undefined || batch.isCancelled) continue;
        const begun = seat.begun(place);
        // It goes by what it sees change, not by the clock: a main thread that was blocked itself takes nothing for late.
        if (begun !== batch.seen || batch.isHeldBack || begun > batch.slots.length) {
          batch.seen = begun;
          batch.seenAt = time;
        } else if (begun > 0 && time - batch.seenAt >= (batch.user.timeout ?? Infinity)) {
          seat.kill(undefined, batch);
          break;
        }
      }
      if (this.#maxMemory < Infinity && seat.inFlight > 0) void this.#weigh(seat);
    }
  }

  async #weigh(seat: Seat): Promise<void> {
    const { thread } = seat;
    const bytes = await thread?.external();
    if (bytes === undefined || bytes <= this.#maxMemory || seat.thread !== thread || seat.inFlight === 0) return;
    seat.kill(new Error(`its thread held ${bytes} bytes outside its heap, and "maxMemory" is ${this.#maxMemory}`));
  }
}

/** Milliseconds. */
const SOON = 5;
const SELDOM = 100;
