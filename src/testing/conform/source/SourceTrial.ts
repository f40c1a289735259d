import type { Observable } from 'rxjs';
import type { Check } from '../Check.ts';
import { Lower } from '../Lower.ts';
import type { SourceCapabilities, SourceFactory } from '../SourceCapabilities.ts';
import { numbers } from '../numbers.ts';
import { Trial } from '../Trial.ts';
import type { Rule } from '../rules.ts';
import type { Clock, Steps } from '../steps.ts';
import { Feed } from './Feed.ts';

/** A source under test: how it is made, and what it promises, with everything that was left out filled in. */
export interface SourceSubject {
  readonly factory: SourceFactory<unknown>;
  readonly given: SourceCapabilities<unknown>;
  readonly pulls: boolean;
  readonly isPausable: boolean;
  readonly isAsync: boolean;
  readonly slack: number;
  readonly most: number;
  readonly contents: (value: unknown) => readonly unknown[];
  readonly receivers: 'independent' | 'shared' | 'one';
  readonly reason: (error: unknown) => unknown;
}

/** One check of sources. */
export interface SourceCase {
  readonly rule: Rule;
  readonly does: string;
  readonly applies?: (subject: SourceSubject) => boolean;
  readonly steps: (trial: SourceTrial) => Steps;
}

/** A source that was made for a check, and the items it has to emit. */
export interface Made {
  readonly source$: Observable<unknown>;
  readonly feed: Feed;
}

/** One run of a check of a source. */
export class SourceTrial extends Trial {
  readonly subject: SourceSubject;
  /** Whether the gates of this trial belong to a flow, as under `run`. */
  inFlow = true;
  readonly #check: Pick<Check, 'rule' | 'title'>;
  readonly #resources: number;

  constructor(check: Pick<Check, 'rule' | 'title'>, clock: Clock, subject: SourceSubject) {
    super(check, clock);
    this.#check = check;
    this.subject = subject;
    this.#resources = this.resources;
    this.watch({
      leftovers: () => {
        const more = this.resources - this.#resources;
        const expected = 'what the source has opened is closed at the end';
        return more <= 0 ? [] : [{ rule: 'R-42', expected, seen: `open: ${more}` }];
      },
    });
  }

  /** Another run of the same check, with a log of its own. */
  again(): SourceTrial {
    return new SourceTrial(this.#check, this.clock, this.subject);
  }

  get resources(): number {
    return this.subject.given.resources?.() ?? 0;
  }

  /** After how many items a source may fail, as far as it can emit so many before it does. */
  before(wanted: number): number {
    return this.subject.most === 1 ? 0 : wanted;
  }

  /** As many items as a check wants, or as the source can emit. */
  count(wanted: number): number {
    return Math.min(wanted, this.subject.most);
  }

  /** Makes a source of so many items. */
  source(count: number, make?: (n: number) => unknown): Made {
    const { factory, pulls } = this.subject;
    const feed = new Feed(this, count, undefined, make);
    return { feed, source$: factory(pulls ? feed : [...feed]) };
  }

  /** Makes a source that fails after so many items. */
  failing(count: number, error: unknown): Observable<unknown> {
    const { factory, given } = this.subject;
    if (typeof given.failing === 'function') return given.failing([...new Feed(this, count)], error);
    return factory(new Feed(this, count, { error }));
  }

  lower(name?: string, isClosed = false): Lower {
    const { contents, isPausable } = this.subject;
    const lower = new Lower(this, { contents, perItem: 1, takesOverrun: !isPausable }, name, this.inFlow);
    if (isClosed) lower.shut();
    return lower;
  }

  /** Holds that no more was taken than what was delivered and what may be taken ahead. */
  tookNoMore(feed: Feed, lower: Lower): void {
    const { slack, pulls } = this.subject;
    if (!pulls) return;
    const ahead = feed.pulled - lower.values.length;
    this.holds(ahead <= slack, `at most ${slack} items taken and not delivered`, `${ahead}`, 'R-10');
  }

  /** Holds that the first `count` items, and no others, were delivered, and that the flow has completed. */
  completed(lower: Lower, count: number): void {
    this.same('delivered items', lower.values, numbers(count));
    this.same('the end of the flow', lower.ended ?? 'none', 'completed');
  }

  /** Holds that the flow has failed with `error`. */
  failed(lower: Lower, error: unknown): void {
    this.same('the end of the flow', lower.ended ?? 'none', 'failed');
    this.same('the error', this.subject.reason(lower.error), error);
  }
}

/** Whether it stops at a closed gate. */
export const pauses = ({ isPausable }: SourceSubject): boolean => isPausable;

/** Whether it can fail. */
export const fails = ({ given }: SourceSubject): boolean =>
  given.failing !== false && (given.failing !== undefined || given.pulls !== false);
