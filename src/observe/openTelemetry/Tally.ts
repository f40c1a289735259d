import type { BatchObservableResult, Observable } from '@opentelemetry/api';

/** What a value belongs to, by names from outside: of flows, of stages, of reasons. There may be any number of them. */
export type Names = Readonly<Record<string, string>>;
/** What is told apart further, by a few words of ours. */
export type Words = Readonly<Record<string, string | number>>;

/** How values are put together. */
export interface TallyRule {
  /** Whether flows of the same name may show the same thing, such as a breaker that they share: then the greatest counts, not the sum. */
  readonly shared?: boolean;
  /** What becomes of a flow's part when it has ended: it stays, as in a sum that only grows; it goes to 0; or nothing is told of it. */
  readonly after: 'stays' | 'zero' | 'nothing';
}

/**
 * The values of one instrument over all flows, by what they belong to.
 *
 * Bounded: it tells apart {@link MAX_POINTS}, and what comes after that is put together under the name `other`. An SDK keeps its own
 * bound of 2,000, beyond which it can no longer add up what is observed.
 */
export class Tally {
  readonly instrument: Observable;
  readonly #rule: TallyRule;
  readonly #points = new Map<string, Point>();
  readonly #touched = new Set<Point>();

  constructor(instrument: Observable, rule: TallyRule) {
    this.instrument = instrument;
    this.#rule = rule;
  }

  /** Takes the part of one flow. */
  add(value: number, names: Names, words: Words = {}): void {
    const point = pointFor(this.#points, names, words, () => ({ past: 0, now: 0, told: 0 }));
    point.now = this.#rule.shared === true ? Math.max(point.now, value) : point.now + value;
    this.#touched.add(point);
  }

  /** What was taken is the last of a flow that has ended. */
  settle(): void {
    for (const point of this.#touched) {
      if (this.#rule.after === 'stays') point.past += point.now;
      point.now = 0;
    }
    this.#touched.clear();
  }

  /** Tells what was taken, of every flow that runs, and what those that have ended left behind. */
  tell(result: BatchObservableResult): void {
    const { after } = this.#rule;
    for (const point of this.#points.values()) {
      const isNow = this.#touched.has(point);
      const value = point.past + point.now;
      // A sum that shrank would be taken for one that began again: the time of an item that ends is idle no more, but busy.
      const told = after === 'stays' ? Math.max(point.told, value) : value;
      if (isNow || after === 'stays' || (after === 'zero' && point.told !== 0)) {
        result.observe(this.instrument, told, point.attributes);
      }
      point.told = told;
      point.now = 0;
    }
    this.#touched.clear();
  }
}

interface Point {
  readonly attributes: Words;
  /** What flows that have ended left behind. */
  past: number;
  /** What was taken since it was last told. */
  now: number;
  told: number;
}

/** Finds what has the names and words, or makes it; with `other` for each name if there are too many already. */
export function pointFor<P extends { readonly attributes: Words }>(
  points: Map<string, P>,
  names: Names,
  words: Words,
  make: () => Omit<P, 'attributes'>,
): P {
  const key = JSON.stringify([Object.values(names), Object.values(words)]);
  const known = points.get(key);
  if (known !== undefined) return known;
  const isOther = Object.values(names).every((name) => name === OTHER);
  if (points.size >= MAX_POINTS && !isOther) {
    const others = Object.fromEntries(Object.keys(names).map((name) => [name, OTHER]));
    return pointFor(points, others, words, make);
  }
  const point = { ...make(), attributes: { ...names, ...words } } as P;
  points.set(key, point);
  return point;
}

const OTHER = 'other';
/** How many values of an instrument are told apart. */
const MAX_POINTS = 1000;
