import type { MonoTypeOperatorFunction } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { Probe } from './Probe.ts';
import { assertMarbles } from './assertMarbles.ts';

/** What RxJS gives a marble test, and a stage whose gate a marble diagram opens and closes. */
export interface MarbleHelpers extends RunHelpers {
  /**
   * A stage that holds nothing and shows its upstream a gate: `o` opens it, `x` closes it. At each frame this happens before
   * anything else, if `gated` was called before `cold` and `hot`; an `x` at frame 0 happens before the source is subscribed.
   */
  gated<T>(demand: string): MonoTypeOperatorFunction<T>;
}

/** Runs `body` in virtual time. */
export function marbles(body: (helpers: MarbleHelpers) => void): void {
  const scheduler = new TestScheduler(assertMarbles);
  scheduler.run((helpers) => {
    const gated = <T>(demand: string): MonoTypeOperatorFunction<T> => {
      const probe = new Probe<T>();
      const changes = helpers.hot<'o' | 'x' | '-'>(demand.replaceAll('|', '-'));
      if (demand.startsWith('x')) probe.close();
      changes.subscribe((change) => (change === 'o' ? probe.open() : probe.close()));
      return probe.operator();
    };
    body({ ...helpers, gated });
  });
}
