import { asyncScheduler, timer, type Observable } from 'rxjs';

/** Something that will happen unless it is called off. */
export interface Timer {
  unsubscribe(): void;
}

/**
 * Milliseconds since some moment: to be compared with each other, never with a date. They only go forward, whatever is done to the
 * clock of the machine. Under `TestScheduler.run` of RxJS they are its frames.
 */
export function now(): number {
  const wall = asyncScheduler.now();
  // A test scheduler gives frames, and counts them from 0. Nothing else tells that one is at work.
  // oxlint-disable-next-line no-restricted-properties -- only to see whether RxJS' clock is this one
  return Math.abs(wall - Date.now()) > A_DAY ? wall : performance.now();
}

/** Calls `act` after so many milliseconds (0 to 2147483647), in RxJS' time, as the timers of operators do. */
export function after(ms: number, act: () => void): Timer {
  return asyncScheduler.schedule(act, ms);
}

/** Emits once after so many milliseconds, in RxJS' time, and completes. */
export function pause(ms: number): Observable<0> {
  return timer(ms);
}

const A_DAY = 24 * 60 * 60 * 1000;
