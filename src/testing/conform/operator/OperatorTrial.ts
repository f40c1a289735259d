import { Observable, type OperatorFunction } from 'rxjs';
import type { DeadLetter } from '../../../core/options.ts';
import type { Check } from '../Check.ts';
import { Lower } from '../Lower.ts';
import type { OperatorCapabilities, OperatorFactory } from '../OperatorCapabilities.ts';
import { Trial } from '../Trial.ts';
import { Upper, type Supply } from '../Upper.ts';
import { Works } from '../Works.ts';
import type { Clock } from '../steps.ts';
import type { Rule } from '../rules.ts';

export type AnyFactory = OperatorFactory<unknown, unknown>;
export type AnyOperator = OperatorFunction<unknown, unknown>;

/** An operator under test: how it is made, and what it promises, with everything that was left out filled in. */
export interface Subject {
  readonly factory: AnyFactory;
  readonly given: OperatorCapabilities<unknown, unknown>;
  readonly bound: number;
  readonly item: (value: unknown) => unknown;
  readonly contents: (result: unknown) => readonly unknown[];
  readonly passes: (n: number) => boolean;
  readonly perItem: number;
  readonly order: 'completion' | 'input';
  readonly whenFull: 'wait' | 'drop' | 'merge' | 'fail';
  /** How many works a check has under way at once, where that is needed; 0 if it runs none. */
  readonly some: number;
}

/** One run of a check of an operator. */
export class OperatorTrial extends Trial {
  readonly subject: Subject;
  readonly works: Works;
  /** Items given up, with the policy that gave them up. */
  readonly dropped: { item: unknown; reason: string }[] = [];
  readonly letters: DeadLetter<unknown>[] = [];
  /** Called with each dead letter. */
  onLetter: (letter: DeadLetter<unknown>) => void = () => {};
  /** Whether the gates of this trial belong to a flow, as under `run`. */
  inFlow = true;
  readonly #lowers: Lower[] = [];
  #known = { count: 0, passing: 0 };
  readonly #check: Pick<Check, 'rule' | 'title'>;

  constructor(check: Pick<Check, 'rule' | 'title'>, clock: Clock, subject: Subject) {
    super(check, clock);
    this.#check = check;
    this.subject = subject;
    const { concurrency = 1, takes = ['value', 'promise', 'observable'] } = subject.given;
    this.works = new Works(this, concurrency, takes);
    this.works.isWanted = () => this.#lowers.length === 0 || this.#lowers.some((lower) => !lower.isOver);
  }

  /** Another run of the same check, with a log of its own. */
  again(): OperatorTrial {
    return new OperatorTrial(this.#check, this.clock, this.subject);
  }

  /** Makes the operator under test. */
  operator(): AnyOperator {
    return this.subject.factory(this.works.fn, {
      dropped: (item, reason) => {
        this.noteWith('operator', `drops (${reason})`, item);
        this.dropped.push({ item, reason });
      },
      deadLetter: (letter) => {
        this.noteWith('dead letter', 'gets', letter.item);
        this.letters.push(letter);
        this.onLetter(letter);
      },
    });
  }

  upper(supply: Supply = {}): Upper {
    return new Upper(this, this.subject.item, supply);
  }

  lower(name?: string, takesOverrun = false, contents = this.subject.contents): Lower {
    const reading = { contents, perItem: this.subject.perItem, takesOverrun };
    const lower = new Lower(this, reading, name, this.inFlow);
    this.#lowers.push(lower);
    return lower;
  }

  /** Puts the operator between the two ends and subscribes. */
  connect(upper: Upper | Observable<unknown>, lower = this.lower(), operator = this.operator()): Lower {
    const source = upper instanceof Observable ? upper : upper.items$;
    return lower.subscribe(source.pipe(operator));
  }

  /** The numbers of the first `count` items that come out. */
  numbers(count: number): number[] {
    const { passes } = this.subject;
    const passing: number[] = [];
    for (let n = 0; n < count; n++) if (passes(n)) passing.push(n);
    return passing;
  }

  /** How many of the first `count` items come out. Asked after every step, so it counts on from what it knows. */
  passing(count: number): number {
    if (count < this.#known.count) this.#known = { count: 0, passing: 0 };
    const known = this.#known;
    for (; known.count < count; known.count++) if (this.subject.passes(known.count)) known.passing++;
    return known.passing;
  }

  /** How many of those that were sent are neither delivered nor reported as dropped. */
  heldOf(upper: Upper, lower: Lower): number {
    return this.passing(upper.sent) - lower.values.length - this.dropped.length;
  }

  /** Holds that the first `count` items, and no others, were delivered: in order, if order is promised. */
  delivered(lower: Lower, count: number, rule?: Rule): void {
    const seen = this.subject.order === 'input' ? lower.values : inOrder(lower.values);
    this.same('delivered items', seen, this.numbers(count), rule);
  }

  /** Holds that what was delivered is of the first `count` items: from the beginning, if order is promised, else each no more than once. */
  first(lower: Lower, count: number, rule?: Rule): void {
    const { values } = lower;
    const all = this.numbers(count);
    if (this.subject.order === 'input') return this.same('delivered items', values, all.slice(0, values.length), rule);
    const strange = values.filter((value, place) => !all.includes(value as number) || values.indexOf(value) < place);
    this.same('delivered items that were not sent, or twice', strange, [], rule);
  }

  /** Holds that the first `count` items were delivered and that the flow has completed. */
  completed(lower: Lower, count: number): void {
    this.delivered(lower, count);
    this.same('the end of the flow', lower.ended ?? 'none', 'completed');
  }

  /** Holds that the flow has failed with `error` itself. */
  failed(lower: Lower, error: unknown, rule?: Rule): void {
    this.same('the end of the flow', lower.ended ?? 'none', 'failed', rule);
    this.same('the error', lower.error, error, rule);
  }
}

/** Numbers first, in their order. */
function inOrder(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => Number(a) - Number(b));
}
