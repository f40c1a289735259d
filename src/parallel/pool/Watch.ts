import { clearTimeout, now, setImmediate, setTimeout } from './clock.ts';
import type { Batch } from './Batch.ts';
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
      const late = now() - this.#due;
      if (late < LATE) return this.#look(0);
      // This thread was blocked: it first reads what the others have said meanwhile.
      setImmediate(() => this.#look(late));
    }, wait);
    // A thread that is at work keeps the process alive itself.
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** `late`: how many milliseconds this thread was kept from looking. */
  #look(late: number): void {
    const time = now();
    for (const seat of this.#seats) {
      for (const [place, batch] of seat.places.entries()) {
        if (batch === undefined || batch.isCancelled) continue;
        const begun = seat.begun(place);
        // What gives values may have waited for this thread all the time.
        if (givesValues(batch)) batch.seenAt = Math.min(batch.seenAt + late, time);
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
    this.#looked();
  }

  async #weigh(seat: Seat): Promise<void> {
    const { thread } = seat;
    const bytes = await thread?.external();
    if (bytes === undefined || bytes <= this.#maxMemory || seat.thread !== thread || seat.inFlight === 0) return;
    seat.kill(
      new Error(`its thread held ${bytes} bytes outside its heap, and "maxMemory" is ${this.#maxMemory}`),
      'running',
    );
  }
}

/** Whether the item that runs has given some of its values. */
function givesValues({ slots, reported }: Batch): boolean {
  return slots[reported]?.many === true;
}

/** Milliseconds. */
const SOON = 5;
const SELDOM = 100;
const LATE = 5;
