import type { Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/** What a marble test looks at: a result, and the sources whose subscriptions count. */
export interface Watched {
  readonly result: Observable<unknown>;
  readonly sources: readonly { readonly subscriptions: readonly unknown[] }[];
  /** When the result is unsubscribed, as a diagram: `'---!'`. */
  readonly unsub?: string | undefined;
}

/** Everything that happens in virtual time, as data: the frames of the result, and those of every subscription. */
export function frames(build: (helpers: RunHelpers) => Watched): unknown[] {
  const seen: unknown[] = [];
  const scheduler = new TestScheduler((actual) => void seen.push(actual));
  scheduler.run((helpers) => {
    const { result, sources, unsub } = build(helpers);
    helpers.expectObservable(result, unsub ?? null).toBe('');
    for (const { subscriptions } of sources) helpers.expectSubscriptions(subscriptions as never).toBe([]);
  });
  return seen;
}
