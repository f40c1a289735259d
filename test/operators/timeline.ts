import { Subscription, type Observable } from 'rxjs';
import { now } from '../../src/core/clock.ts';
import { marbles, type MarbleHelpers } from '../../src/testing/marbles.ts';

/**
 * What an Observable does in virtual time, as words: `0:a 0:b 5:c 9:|`. For what marbles cannot draw well: several values at one frame
 * and others right behind. `stop` unsubscribes.
 */
export function timeline(build: (helpers: MarbleHelpers, stop: () => void) => Observable<unknown>): string {
  const seen: string[] = [];
  marbles((helpers) => {
    const subscription = new Subscription();
    const source = build(helpers, () => subscription.unsubscribe());
    const subscribed = source.subscribe({
      next: (value) => seen.push(`${now()}:${String(value)}`),
      error: (error: unknown) => seen.push(`${now()}:#${error instanceof Error ? error.name : ''}`),
      complete: () => seen.push(`${now()}:|`),
    });
    subscription.add(subscribed);
  });
  return seen.join(' ');
}
