import type { Observable, OperatorFunction } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';

type TestObservable = ReturnType<RunHelpers['cold']> | ReturnType<RunHelpers['hot']>;

/** A diagram with a name, and when that was subscribed and unsubscribed. */
interface Line {
  readonly label: string;
  readonly diagram: string;
  readonly subscriptions: readonly string[];
}

/** Sources over time, and what has to come of them. */
export interface Situation {
  readonly name: string;
  readonly lines: readonly Line[];
}

/**
 * Reads situations from a text. Each is a name and then lines of a label and a diagram: `a` is a cold Observable, `hot a` a hot one,
 * `source` gives the items (hot too), `result` is what has to come out, `unsub` when that is unsubscribed. Under an
 * Observable stand its subscriptions, or `none`.
 */
export function situations(text: string): Situation[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((block) => {
      const [name = '', ...rows] = block.split('\n').map((row) => row.trimEnd());
      const lines: { label: string; diagram: string; subscriptions: string[] }[] = [];
      for (const row of rows) {
        const [, label = '', diagram = ''] = /^ {4}(.{8})(.*)$/.exec(row) ?? [];
        if (diagram === '') throw new Error(`No diagram in "${row}"`);
        if (label.trim() !== '') lines.push({ label: label.trim(), diagram, subscriptions: [] });
        else if (diagram.trim() !== 'none') lines.at(-1)!.subscriptions.push(diagram);
      }
      return { name: name.trim(), lines };
    });
}

/** Makes the Observables of a situation, and expects of them what it says. */
export class Scene {
  /** In the order in which they stand there, without the source of the items. */
  readonly observables: readonly TestObservable[];
  readonly #helpers: RunHelpers;
  readonly #situation: Situation;
  readonly #byLabel = new Map<string, TestObservable>();

  constructor(helpers: RunHelpers, situation: Situation) {
    this.#helpers = helpers;
    this.#situation = situation;
    for (const { label, diagram } of situation.lines) {
      if (/^(source|hot .)$/.test(label)) this.#byLabel.set(label.replace('hot ', ''), helpers.hot(diagram));
      else if (label.length === 1) this.#byLabel.set(label, helpers.cold(diagram));
    }
    this.observables = [...this.#byLabel].filter(([label]) => label !== 'source').map(([, made]) => made);
  }

  /** How many may run at once. */
  get limit(): number {
    return Number(this.#find('limit') ?? Infinity);
  }

  /** Gives the inner of an item, or throws. */
  readonly inner = (item: string): Observable<string> => {
    const error: unknown = 'error';
    if (item === this.#find('throws')) throw error;
    return this.#byLabel.get(item) as Observable<string>;
  };

  /** Expects the result, and all subscriptions. */
  expect(result: Observable<unknown>): void {
    const { expectObservable, expectSubscriptions } = this.#helpers;
    expectObservable(result, this.#find('unsub')).toBe(this.#find('result')!);
    for (const { label, subscriptions } of this.#situation.lines) {
      const made = this.#byLabel.get(label.replace('hot ', ''));
      if (made !== undefined) expectSubscriptions(made.subscriptions).toBe([...subscriptions]);
    }
  }

  /** Expects what comes of the source through `stage`. */
  expectThrough(stage: OperatorFunction<string, unknown>): void {
    this.expect((this.#byLabel.get('source') as Observable<string>).pipe(stage));
  }

  #find(label: string): string | undefined {
    return this.#situation.lines.find((line) => line.label === label)?.diagram.trim();
  }
}
