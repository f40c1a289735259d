import type { Seat } from './Seat.ts';

/**
 * Takes back what other threads have not begun, for one that has nothing to do: from the one that has the most work left, if it is
 * worth the way. `'later'` says that there is some, but not much unless what runs takes its time.
 */
export function stealFor(idle: Seat, seats: readonly Seat[], now: number): 'taken' | 'later' | 'nothing' {
  let most = 0;
  let isAny = false;
  let victim: { seat: Seat; place: number } | undefined;
  for (const seat of seats) {
    for (const [place, batch] of seat.places.entries()) {
      if (batch === undefined || seat === idle || batch.user.isKeyed || batch.isStopped || batch.moved) continue;
      const begun = seat.begun(place);
      const left = batch.slots.length - begun;
      if (left <= 0) continue;
      isAny = true;
      const { user } = batch;
      // What runs takes longer than the others do on average, or stands before this batch.
      const delay = Math.max(now - batch.seenAt - user.cost * (begun - batch.seen), 0);
      const work = left * user.cost + delay;
      if (work > most) {
        most = work;
        victim = { seat, place };
      }
    }
  }
  if (victim !== undefined && most >= WORTH) {
    victim.seat.takeBack(victim.place);
    return 'taken';
  }
  return isAny ? 'later' : 'nothing';
}

/** Milliseconds of work that are worth sending it again. */
const WORTH = 0.5;
