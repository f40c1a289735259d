import type { ThreadState } from '../../core/gauge.ts';
import { now } from './clock.ts';
import type { Seat } from './Seat.ts';

/** Says what each thread of a pool does, and notices which of them have been at the same item since it was last asked. */
export class ThreadStates {
  readonly #seats: readonly Seat[];
  /** What each seat was seen to work on, and when first. */
  readonly #seen: { user: object | undefined; item: number | undefined; at: number }[] = [];

  constructor(seats: readonly Seat[]) {
    this.#seats = seats;
  }

  read(): ThreadState[] {
    const time = now();
    return this.#seats
      .filter(({ thread, isSurplus }) => thread !== undefined || !isSurplus)
      .map((seat) => this.#stateOf(seat, time));
  }

  /** For how long, summed up, threads have been seen at items of a stage that they have not reported yet. */
  timeAt(stage: object): number {
    const time = now();
    return this.#seats.reduce((sum, seat) => {
      const since = this.#seenAt(seat, time);
      return seat.working?.user === stage ? sum + time - since : sum;
    }, 0);
  }

  #stateOf(seat: Seat, time: number): ThreadState {
    const { number: thread, busy, items, external, heap } = seat;
    const counts = { thread, busy, items, restarts: Math.max(seat.restarts, 0), external, heap };
    const since = time - this.#seenAt(seat, time);
    if (seat.thread === undefined) return { ...counts, state: 'none' };
    if (!seat.thread.isReady) return { ...counts, state: seat.isRetiring ? 'ending' : 'starting' };
    const work = seat.working;
    if (work === undefined) return { ...counts, state: 'idle' };
    return { ...counts, state: 'working', stage: work.user.name, item: work.item, since };
  }

  /** Since when it has been seen at what it is at. */
  #seenAt({ number, working: work }: Seat, time: number): number {
    const seen = (this.#seen[number] ??= { user: undefined, item: undefined, at: time });
    if (seen.item !== work?.item || seen.user !== work?.user) {
      seen.user = work?.user;
      seen.item = work?.item;
      seen.at = time;
    }
    return seen.at;
  }
}
