import type { Check } from './Check.ts';
import { ConformanceError, type Breach } from './ConformanceError.ts';
import { Journal, NONE } from './Journal.ts';
import type { Clock, Steps } from './steps.ts';
import { show } from './show.ts';
import { TrialFlow } from './TrialFlow.ts';
import type { Rule } from './rules.ts';

/** Something that a trial looks at when everything is over. */
export interface Witness {
  /** Says what is left of it that should not be. */
  leftovers(): readonly Breach[];
  /** Ends what goes on still. */
  close?(): void;
}

/** One run of a check: its log, what it saw, and the assertions that put both into a {@link ConformanceError}. */
export class Trial {
  readonly journal = new Journal();
  readonly flow = new TrialFlow((error) => this.late(error));
  readonly clock: Clock;
  /** Warnings that the package gave. */
  readonly warnings: string[] = [];
  /** Errors that came too late, as they were reported. */
  readonly lateErrors: unknown[] = [];
  /** Errors that nobody handled, as RxJS reports them. */
  readonly unhandled: unknown[] = [];
  /** Set by a check that provokes such errors. */
  expectsErrors = false;
  readonly #check: Pick<Check, 'rule' | 'title'>;
  readonly #witnesses: Witness[] = [];
  readonly #breaches: Breach[] = [];

  constructor(check: Pick<Check, 'rule' | 'title'>, clock: Clock) {
    this.#check = check;
    this.clock = clock;
  }

  get rule(): Rule {
    return this.#check.rule;
  }

  note(who: string, did: string): void {
    this.noteWith(who, did, NONE);
  }

  /** As {@link note}, with the value that it is about. */
  noteWith(who: string, did: string, value: unknown): void {
    this.clock.pulse.count++;
    this.journal.note(who, did, value);
  }

  late(error: unknown): void {
    this.noteWith('late error', 'reported', error);
    this.lateErrors.push(error);
  }

  /** Lets `witness` be asked what is left at the end. */
  watch(witness: Witness): void {
    this.#witnesses.push(witness);
  }

  /** Notes what must not happen, from a place where an exception would become an error of the flow. */
  breach(rule: Rule, expected: string, seen: string): void {
    if (this.#breaches.length > 0) return;
    this.note('!', `${rule} is broken here: ${seen}`);
    this.#breaches.push({ rule, expected, seen });
  }

  fail(expected: string, seen: string, rule = this.rule): never {
    throw this.error({ rule, expected, seen });
  }

  error(breach: Breach): ConformanceError {
    // What was noted came first.
    return new ConformanceError(this.#check.title, this.#breaches[0] ?? breach, this.journal.lines);
  }

  /** Holds that a value, or every one of a list, is the one expected. */
  same(what: string, seen: unknown, expected: unknown, rule = this.rule): void {
    if (!isSame(seen, expected)) this.fail(`${what}: ${show(expected)}`, show(seen), rule);
  }

  holds(condition: boolean, expected: string, seen: string, rule = this.rule): void {
    if (!condition) this.fail(expected, seen, rule);
  }

  /** Whether something is left that has to go, of which a check in real time waits for the end. */
  get isOver(): boolean {
    // What is broken already need not be waited for.
    if (this.#breaches.length > 0) return true;
    const { releases, live } = this.flow;
    return releases === 0 && live.size === 0 && this.#leftovers.length === 0 && this.clock.timers() === 0;
  }

  /** Holds that no timer goes on: in virtual time from this very call on; in real time soon, as a thread may be at work still. */
  *timersEnd(what = 'timers', rule = this.rule): Steps {
    if (this.clock.isReal) yield () => this.clock.timers() === 0;
    this.same(what, this.clock.timers(), 0, rule);
  }

  /** Ends everything that goes on still. */
  close(): void {
    for (const witness of this.#witnesses) witness.close?.();
  }

  /** Looks for what must never be, whatever the check was about. To be called when everything has ended. */
  verify(): void {
    const [breach] = this.#breaches;
    if (breach !== undefined) throw this.error(breach);
    const [left] = this.#leftovers;
    if (left !== undefined) throw this.error(left);
    const { live, unbalanced } = this.flow;
    const names = [...live].map(({ name }) => name).join(', ');
    if (live.size > 0) this.fail('every stage and source has ended', `going on: ${names}`, 'R-42');
    if (unbalanced.length > 0) this.fail('every item is accounted for', unbalanced.join('; '), 'R-11');
    const timers = this.clock.timers();
    if (timers > 0) this.fail('no timer goes on', `timers that have not fired: ${timers}`, 'R-42');
    if (this.expectsErrors) return;
    if (this.lateErrors.length > 0) this.fail('no late error', show(this.lateErrors), 'R-32');
    if (this.unhandled.length > 0) this.fail('no error that nobody handles', show(this.unhandled), 'R-34');
  }

  get #leftovers(): Breach[] {
    return this.#witnesses.flatMap((witness) => witness.leftovers());
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
}
