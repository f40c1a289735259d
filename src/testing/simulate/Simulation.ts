import { BehaviorSubject, type Observable, type OperatorFunction } from 'rxjs';
import type { StageOutput } from '../../core/execute.ts';
import { hooks } from '../../core/hooks.ts';
import type { DeadLetter } from '../../core/options.ts';
import type { ItemContext } from '../../core/slot.ts';
import { Probe } from '../Probe.ts';
import { Clock, settled } from './Clock.ts';
import { Items } from './Items.ts';
import { Journal } from './Journal.ts';
import { Moves } from './Moves.ts';
import type { Rules } from './Rules.ts';
import type { Scene } from './Scene.ts';
import { SimulatedFlow } from './SimulatedFlow.ts';
import { Source } from './Source.ts';
import { Work } from './Work.ts';
import { describeSchedule, show } from './describe.ts';
import { checkEnd, checkReleased, checkRest } from './checks.ts';
import type { Move, Schedule } from './schedule.ts';

/** What a simulation hands to whoever makes the operator, besides the function. */
export interface SimulationTools {
  /** Takes the failures of an operator with dead letters. */
  readonly deadLetter: (letter: DeadLetter<number>) => void | PromiseLike<void>;
  /** Takes the items that an operator gives up. */
  readonly onDrop: (item: number) => void;
  /** How many items may run at once: `concurrency` at first, and then whatever the schedule says. */
  readonly limits: Observable<number>;
}

/** Makes the operator under test. */
export type MakeOperator = (
  fn: (item: number, context: ItemContext) => StageOutput<string>,
  tools: SimulationTools,
) => OperatorFunction<number, unknown>;

/** One run of an operator under one schedule. */
export class Simulation implements Scene {
  readonly clock = new Clock(MOST_ACTIONS);
  readonly journal: Journal;
  readonly items: Items;
  readonly failures: unknown[] = [];
  readonly schedule: Schedule;
  readonly rules: Rules;
  readonly flow: SimulatedFlow | undefined;
  readonly probe: Probe<unknown>;
  readonly source: Source;
  readonly work: Work;
  isUnsubscribed = false;
  /** The most that could run at any time so far. */
  mostLimit: number;
  readonly #moves = new Moves(this);
  readonly #limits: BehaviorSubject<number>;
  readonly #values: unknown[] = [];

  /** `isKept` says whether to keep a line for everything that happens. */
  constructor(schedule: Schedule, rules: Rules, isKept: boolean) {
    this.schedule = schedule;
    this.rules = rules;
    this.journal = new Journal(this.clock, isKept);
    this.items = new Items(schedule.tasks, rules, this.journal);
    this.flow = schedule.inFlow ? new SimulatedFlow(this.journal) : undefined;
    this.probe = new Probe(this.flow);
    // What holds nothing cannot keep what its source sends a moment too late.
    this.probe.takesOverrun = this.#holdsNothing;
    this.probe.onNext = (value) => this.#arrived(value);
    this.probe.onEnd = () => this.#ended();
    this.source = new Source(this);
    this.work = new Work(this);
    this.mostLimit = rules.concurrency ?? Infinity;
    this.#limits = new BehaviorSubject(this.mostLimit);
  }

  get gate(): Probe<unknown>['gate'] {
    return this.probe.gate;
  }

  get isOver(): boolean {
    return this.isUnsubscribed || this.probe.ended !== undefined;
  }

  get limit(): number {
    return this.#limits.value;
  }

  get bound(): number {
    return this.rules.bound(this.limit);
  }

  get #holdsNothing(): boolean {
    return this.rules.bound(this.rules.concurrency ?? 0) === 0;
  }

  /** Everything that came out. */
  get values(): readonly unknown[] {
    return this.#values;
  }

  /** Whether the operator still listens to the limits that it was given. */
  get isListenedTo(): boolean {
    return this.#limits.observed;
  }

  /** Runs it to its end, or to the first breach. */
  async run(make: MakeOperator): Promise<void> {
    const outer = { ...hooks };
    const uninstall = this.clock.install();
    hooks.warn = (message) => this.journal.note(() => `warning: ${message}`);
    hooks.lateError = (error, stage) =>
      this.journal.note(() => `"${stage}" reports an error that came too late: ${String(error)}`);
    try {
      this.#begin(make);
      await this.#toTheEnd();
    } finally {
      if (!this.isOver) this.probe.unsubscribe();
      Object.assign(hooks, outer);
      uninstall();
    }
  }

  /** Changes how many items may run at once. */
  setLimit(limit: number): void {
    this.mostLimit = Math.max(this.mostLimit, limit);
    this.#limits.next(limit);
  }

  perform(at: Move['at'], n: number): void {
    this.#moves.perform(at, n);
  }

  #begin(make: MakeOperator): void {
    const { schedule, journal } = this;
    journal.note(() => describeSchedule(schedule));
    this.#moves.schedule();
    if (schedule.startsClosed) this.probe.close();
    try {
      const { deadLetter } = this.work;
      const operator = make(this.work.begin, {
        deadLetter,
        onDrop: (item) => this.items.drop(item),
        limits: this.#limits,
      });
      this.probe.subscribe(this.source.items$.pipe(operator));
    } catch (error) {
      journal.break('error', `subscribing throws ${String(error)}`);
    }
  }

  async #toTheEnd(): Promise<void> {
    await this.#goOn();
    if (this.#isDone()) return;
    // What happens inside values and calls may close the gate again; each such moment comes once.
    do {
      this.journal.note(() => 'nothing else is to come, so the gate opens');
      this.setLimit(this.rules.concurrency ?? Infinity);
      this.probe.open();
      await this.#goOn();
      if (this.#isDone()) return;
    } while (!this.gate.isOpen || this.limit === 0);
    const waitsForEver = this.source.isSubscribed && this.schedule.ending === 'silence';
    const neverEnds = this.items.all.some(({ isUnfinished, task }) => isUnfinished && isEndless(task.kind));
    if (!waitsForEver && !neverEnds) return this.journal.break('liveness', 'the flow does not end');
    this.unsubscribe();
    await this.#goOn();
  }

  /** Lets time go by until nothing more happens. */
  async #goOn(): Promise<void> {
    try {
      await settled();
      do {
        checkRest(this);
        if (this.isOver) checkReleased(this);
        if (this.journal.breach !== undefined) return;
      } while (await this.clock.step());
    } catch (error) {
      this.journal.break('error', `a timer throws ${String(error)}`);
    }
  }

  #isDone(): boolean {
    return this.isOver || this.journal.breach !== undefined;
  }

  /** Ends the flow from below. */
  unsubscribe(): void {
    this.journal.note(() => 'the flow is unsubscribed');
    this.isUnsubscribed = true;
    this.probe.unsubscribe();
    checkEnd(this);
  }

  #arrived(value: unknown): void {
    const { journal } = this;
    journal.note(() => `${show(value)} comes out`);
    if (this.isUnsubscribed) journal.break('after the end', `${show(value)} comes out after the flow was unsubscribed`);
    this.checkProbe();
    if (this.#values.push(value) > MOST_VALUES) throw new Error('The operator gives out values without end');
    this.items.deliver(value);
    this.flow?.check();
    this.perform('value', this.#values.length - 1);
  }

  #ended(): void {
    const { ended, error } = this.probe;
    this.journal.note(() => (ended === 'failed' ? `the flow fails: ${String(error)}` : 'the flow completes'));
    this.checkProbe();
    checkEnd(this);
  }

  /** Breaks off if something came that must not come. */
  checkProbe(): void {
    const [violation] = this.probe.violations;
    // What holds nothing passes on one item inside another if that is how they came.
    if (violation?.endsWith('inside another value') === true && this.#holdsNothing) return;
    if (violation !== undefined) this.journal.break(violation.includes('closed gate') ? 'gate' : 'grammar', violation);
  }
}

/** Far more than a schedule can ask for. */
const MOST_ACTIONS = 20_000;
const MOST_VALUES = 1_000;

function isEndless(kind: string): boolean {
  return kind === 'never' || kind === 'silence';
}
