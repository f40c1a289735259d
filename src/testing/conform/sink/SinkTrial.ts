import type { Check } from '../Check.ts';
import { show } from '../show.ts';
import type { Consumption, SinkCapabilities, SinkFactory } from '../SinkCapabilities.ts';
import { numbers } from '../numbers.ts';
import { Trial } from '../Trial.ts';
import { Upper, type Supply } from '../Upper.ts';
import type { Rule } from '../rules.ts';
import type { Clock, Steps } from '../steps.ts';
import { SlowDestination } from './SlowDestination.ts';

/** A sink under test: how it is made, and what it promises, with everything that was left out filled in. */
export interface SinkSubject {
  readonly factory: SinkFactory<unknown, unknown>;
  readonly given: SinkCapabilities<unknown, unknown>;
  readonly bound: number;
  readonly concurrency: number;
  readonly order: 'completion' | 'input';
  readonly item: (value: unknown) => unknown;
  readonly contents: (written: unknown) => readonly unknown[];
  readonly reason: (error: unknown) => unknown;
  /** Whether it writes to a destination of the check's. */
  readonly isSlow: boolean;
}

/** One check of sinks. */
export interface SinkCase {
  readonly rule: Rule;
  readonly does: string;
  readonly applies?: (subject: SinkSubject) => boolean;
  readonly steps: (trial: SinkTrial) => Steps;
}

/** Whether a check can make it wait, and fail. */
export const isSlow = (subject: SinkSubject): boolean => subject.isSlow;

/** A sink at work, and what is known of it. */
export class Sinking {
  readonly destination: SlowDestination;
  readonly upper: Upper;
  ended: 'completed' | 'failed' | undefined;
  error: unknown;
  isCancelled = false;
  readonly #consumption: Consumption;
  readonly #trial: Trial;

  constructor(trial: Trial, upper: Upper, destination: SlowDestination, factory: SinkSubject['factory']) {
    this.#trial = trial;
    this.upper = upper;
    this.destination = destination;
    destination.isWanted = () => !this.isOver;
    this.#consumption = factory(upper.items$, destination);
    this.#consumption.done.then(
      () => this.#end('completed'),
      (error: unknown) => this.#end('failed', error),
    );
    trial.watch({ leftovers: () => [], close: () => this.isOver || this.cancel() });
  }

  get isOver(): boolean {
    return this.ended !== undefined || this.isCancelled;
  }

  cancel(): void {
    this.#trial.note('sink', 'is cancelled');
    this.isCancelled = true;
    this.#consumption.cancel();
  }

  #end(how: 'completed' | 'failed', error?: unknown): void {
    if (how === 'failed') this.#trial.noteWith('sink', 'is done: failed', error);
    else this.#trial.note('sink', 'is done: completed');
    this.ended = how;
    this.error = error;
  }
}

/** One run of a check of a sink. */
export class SinkTrial extends Trial {
  readonly subject: SinkSubject;
  readonly #check: Pick<Check, 'rule' | 'title'>;

  constructor(check: Pick<Check, 'rule' | 'title'>, clock: Clock, subject: SinkSubject) {
    super(check, clock);
    this.#check = check;
    this.subject = subject;
    const before = subject.given.resources?.() ?? 0;
    this.watch({
      leftovers: () => {
        const more = (subject.given.resources?.() ?? 0) - before;
        const expected = 'what the sink has opened is closed at the end';
        return more <= 0 ? [] : [{ rule: 'R-42', expected, seen: `open: ${more}` }];
      },
    });
  }

  /** Another run of the same check, with a log of its own. */
  again(): SinkTrial {
    return new SinkTrial(this.#check, this.clock, this.subject);
  }

  /** More items than it takes at once. */
  get many(): number {
    return 3 * Math.min(this.subject.bound, 60) + 10;
  }

  /** Starts the sink on a source with this supply. */
  sink(supply: Supply, set: (destination: SlowDestination) => void = () => {}): Sinking {
    const { factory, contents, concurrency, item } = this.subject;
    const destination = new SlowDestination(this, contents, concurrency);
    set(destination);
    return new Sinking(this, new Upper(this, item, supply), destination, factory);
  }

  /** Holds that all items were written and that the sink has said so. */
  *wrote(sinking: Sinking, count: number): Steps {
    yield () => sinking.ended !== undefined;
    const { written } = this.subject.given;
    this.same('the end', sinking.ended ?? 'none', 'completed');
    let values: readonly unknown[] | undefined = sinking.destination.values;
    if (written !== undefined) {
      values = undefined;
      let failed: unknown;
      written().then(
        (read) => (values = read),
        (error: unknown) => (failed = error),
      );
      yield () => values !== undefined || failed !== undefined;
      if (values === undefined) this.fail('what was written can be read', show(failed));
    }
    const sorted = values.toSorted((a, b) => Number(a) - Number(b));
    const seen = this.subject.order === 'input' ? [...values] : sorted;
    this.same('written items', seen, numbers(count));
  }

  /** Holds that the sink says what went wrong. */
  failed(sinking: Sinking, error: unknown, isWrapped = true): void {
    this.same('the end', sinking.ended ?? 'none', 'failed');
    this.same('the error', isWrapped ? this.subject.reason(sinking.error) : sinking.error, error);
  }
}
