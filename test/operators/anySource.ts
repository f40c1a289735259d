import fc from 'fast-check';
import { of, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';

/** A source of a random comparison: a hot or cold one with a diagram, or one that gives all its values at once. */
export interface AnySource {
  readonly kind: 'cold' | 'hot' | 'sync';
  readonly diagram: string;
  readonly values: readonly string[];
}

const letter = fc.constantFrom('a', 'b', 'c', 'd');
const frame = fc.oneof(
  { weight: 4, arbitrary: fc.constant('-') },
  { weight: 3, arbitrary: letter },
  { weight: 1, arbitrary: fc.array(letter, { minLength: 2, maxLength: 4 }).map((all) => `(${all.join('')})`) },
);
const diagram = fc
  .tuple(fc.array(frame, { maxLength: 8 }), fc.constantFrom('|', '|', '#', '-'))
  .map(([body, end]) => body.join('') + end);

/** Any source whose values are among `a`, `b`, `c` and `d`. */
export const anySource: fc.Arbitrary<AnySource> = fc.record({
  kind: fc.constantFrom('cold', 'cold', 'hot', 'sync'),
  diagram,
  values: fc.array(letter, { maxLength: 4 }),
});

/** Any frame in which a result is unsubscribed, as a diagram, or `undefined`. */
export const anyUnsub: fc.Arbitrary<string | undefined> = fc.option(
  fc.nat(24).map((at) => `${'-'.repeat(at)}!`),
  { nil: undefined },
);

/** Makes the Observable; those in virtual time are added to `watched`. */
export function makeSource(
  { kind, diagram: text, values }: AnySource,
  { cold, hot }: RunHelpers,
  watched: { readonly subscriptions: readonly unknown[] }[],
): Observable<string> {
  if (kind === 'sync') return of(...values);
  const made = kind === 'cold' ? cold(text) : hot(text);
  watched.push(made);
  return made;
}
