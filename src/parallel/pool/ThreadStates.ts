import type { ThreadState } from '../../core/gauge.ts';
import { now } from './clock.ts';
import type { Seat } from './Seat.ts';

/** Says what each thread of a pool does, and notices which of them have been at the same item since it was last asked. */
export class ThreadStates {
  readonly #seats: readonly Seat[];
  /** What each seat was seen to work on, and when first. */
  readonly #seen: { item: number | undefined; at: number }[] = [];

  constructor(seats: readonly Seat[]) {
    this.#seats = seats;
  }

  read(): ThreadState[] {
    const time = now();
    return this.#seats
      .filter(({ thread, isSurplus }) => thread !== undefined || !isSurplus)
      .map((seat) => this.#stateOf(seat, time));
  }

  #stateOf(seat: Seat, time: number): ThreadState {
    const { number: thread, busy, items, external, heap } = seat;
    const counts = { thread, busy, items, restarts: Math.max(seat.restarts, 0), external, heap };
    const work = seat.working;
    const seen = (this.#seen[thread] ??= { item: undefined, at: time });
    if (seen.item !== work?.item) {
      seen.item = work?.item;
      seen.at = time;
    }
    if (seat.thread === undefined) return { ...counts, state: 'none' };
    if (!seat.thread.isReady) return { ...counts, state: seat.isRetiring ? 'ending' : 'starting' };
    if (work === undefined) return { ...counts, state: 'idle' };
    return { ...counts, state: 'working', ...work, since: time - seen.at };
  }
}
