import { Subject, merge, type Observable } from 'rxjs';
import { expect } from 'vitest';
import { OverflowError } from '../../src/core/errors.ts';
import { operate } from '../../src/core/operate.ts';
import { Stage, type Connection, type StageSettings } from '../../src/core/stage.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { Probe } from './Probe.ts';
import { TestFlow } from './TestFlow.ts';
import { violations } from './violations.ts';

/** Something that happens to the flow. The number says how many. */
export type StageCommand =
  ['open' | 'close' | 'end' | 'break' | 'quit' | 'unsubscribe'] | ['take' | 'begin' | 'push', number];

/** Commands by the index of the item or value at which they happen. */
export type StageScript = Readonly<Record<number, readonly StageCommand[]>>;

export interface StageSchedule {
  /** What can be paused, what cannot, or both together. */
  readonly source: 'pausable' | 'hot' | 'both';
  /** How many the pausable source gives. */
  readonly items: number;
  readonly bound: number;
  readonly burst: number;
  readonly overflowLimit: number | undefined;
  readonly strict: boolean;
  /** How many values the items in turn give. One that gives none counts as dropped. */
  readonly values: readonly number[];
  /** Happen one after the other, from outside. */
  readonly commands: readonly StageCommand[];
  /** Happen inside the source, a step of the stage, the consumer. */
  readonly whileProducing: StageScript;
  readonly whileStepping: StageScript;
  readonly whileConsuming: StageScript;
}

/** A stage in which items begin when they are told to, and then stay until their last value has left. */
class Lock extends Stage<number, string> {
  /** What has begun: the values that each item still has to give. */
  readonly begun: string[][] = [];
  /** Told of each item before it begins. */
  readonly onBegin: (item: number) => readonly string[];
  cancelled = 0;
  #mayBegin = 0;

  constructor(connection: Connection<string>, settings: StageSettings, onBegin: (item: number) => readonly string[]) {
    super(connection, settings);
    this.onBegin = onBegin;
  }

  begin(count: number): void {
    this.#mayBegin += count;
    this.drain();
  }

  get mayBegin(): boolean {
    return this.waiting.length > 0 && (this.#mayBegin > 0 || this.inputEnded);
  }

  get uses(): number {
    return this.load;
  }

  get isDone(): boolean {
    return this.ended;
  }

  get hasAllItems(): boolean {
    return this.inputEnded;
  }

  protected override step(): boolean {
    if (!this.below.isOpen) violations.push('G5: a step behind a closed gate');
    const [first] = this.begun;
    if (first === undefined) return this.#beginNext();
    const value = first.shift()!;
    if (first.length > 0) this.surplus--;
    else {
      this.begun.shift();
      this.inside--;
      this.telemetry.completed++;
    }
    this.deliver(value);
    return true;
  }

  protected override cancel(): void {
    this.cancelled++;
    this.begun.length = 0;
  }

  #beginNext(): boolean {
    if (!this.mayBegin) return false;
    this.#mayBegin = Math.max(this.#mayBegin - 1, 0);
    const item = this.waiting.shift()!;
    this.inside++;
    const values = this.onBegin(item);
    // What happened there may have ended the stage, which has counted the item as abandoned.
    if (this.ended) return true;
    if (values.length === 0) {
      this.inside--;
      this.telemetry.dropped++;
    } else {
      this.surplus += values.length - 1;
      this.begun.push([...values]);
    }
    return true;
  }
}

/** Cheaper than an `expect` for each, of which a schedule would need hundreds. */
function must(holds: boolean, text: string): void {
  if (!holds) violations.push(text);
}

/** One flow of a stage under a schedule, with everything that has to hold of it at each moment. */
export class StageRun {
  readonly #schedule: StageSchedule;
  readonly #flow = new TestFlow();
  readonly #probe: Probe<string>;
  readonly #pushes = new Subject<number>();
  /** Items in the order in which they arrived, and values in the order in which they must leave. */
  readonly #arrived: number[] = [];
  readonly #expected: string[] = [];
  #stage!: Lock;
  #produced = 0;
  #pausableEnded = false;
  #hotEnded = false;
  #begun = 0;
  #mostHeld = 0;
  #failure: { error: unknown } | undefined;
  #overflows = false;
  #unsubscribed = false;

  constructor(schedule: StageSchedule) {
    this.#schedule = schedule;
    this.#flow.strict = schedule.strict;
    this.#probe = new Probe(this.#flow);
    this.#probe.onNext = () => {
      this.#look();
      this.perform(schedule.whileConsuming[this.#probe.values.length - 1]);
    };
    this.#pausableEnded = schedule.source === 'hot';
    this.#hotEnded = schedule.source === 'pausable';
  }

  get isOver(): boolean {
    return this.#probe.ended !== undefined || this.#unsubscribed;
  }

  start(): void {
    const { bound, burst, overflowLimit } = this.#schedule;
    const settings = { name: 'lock', bound, burst, overflowLimit };
    const lock = operate<number, string>(
      (connection) => (this.#stage = new Lock(connection, settings, (item) => this.#begin(item))),
    );
    this.#probe.subscribe(this.#source().pipe(lock));
  }

  perform(commands: readonly StageCommand[] = []): void {
    for (const [name, n = 0] of commands) {
      if (name === 'open') this.#probe.open();
      else if (name === 'close') this.#probe.close();
      else if (name === 'take') this.#probe.allow(n + 1);
      else if (name === 'begin') this.#stage.begin(n + 1);
      else if (name === 'push') for (let i = 0; i <= n; i++) this.#push();
      else if (name === 'end') this.#endHot();
      else if (name === 'break') this.#breakHot();
      else if (name === 'quit') this.#quit();
      else this.#unsubscribe();
      this.#look();
    }
  }

  /** Expects what must be the case whenever nothing more happens by itself, which here is always after a command. */
  expectRest(): void {
    this.#look();
    const { values } = this.#probe;
    const { out, peak } = this.#stage.telemetry;
    must(
      values.every((value, i) => value === this.#expected[i]),
      `${values.join()} for ${this.#expected.join()}`,
    );
    must(out === values.length, `${out} are counted as sent, and ${values.length} came`);
    must(peak === this.#mostHeld, `the peak is ${peak}, of ${this.#mostHeld}`);
    if (this.isOver) this.#checkReleased();
    else this.#checkProgress();
    if (violations.length > 0) expect(violations.splice(0)).toEqual([]);
  }

  /** Lets everything go its way to the end. */
  finish(): void {
    for (let round = 0; !this.isOver; round++) {
      if (round > 100) expect.fail('the flow does not end');
      this.perform([['open'], ['end'], ['begin', 9]]);
      this.expectRest();
    }
  }

  #source(): Observable<number> {
    const { source } = this.#schedule;
    if (source === 'hot') return this.#pushes;
    const pausable = fromIterable(this.#produce());
    return source === 'pausable' ? pausable : merge(pausable, this.#pushes);
  }

  *#produce(): Generator<number> {
    for (let i = 0; i < this.#schedule.items; i++) {
      if (this.isOver) violations.push('the source goes on after the end');
      if (!this.#stage.gate.isOpen) violations.push('G2: an item is made behind a closed gate');
      this.perform(this.#schedule.whileProducing[i]);
      const item = this.#produced++;
      this.#arrives(item);
      yield item;
    }
    this.#pausableEnded = true;
  }

  #push(): void {
    if (!this.#pushes.observed || this.isOver) return;
    const item = this.#produced++;
    this.#arrives(item);
    const mustFail = this.#overflows;
    this.#pushes.next(item);
    if (mustFail && this.#probe.ended !== 'failed') violations.push('G7: a stage of which too much is asked goes on');
  }

  /** Just before an item arrives: whether it is one too many. */
  #arrives(item: number): void {
    this.#arrived.push(item);
    const { gate, uses, hasAllItems } = this.#stage;
    const { bound, overflowLimit = 1_000_000, strict } = this.#schedule;
    if (this.isOver || hasAllItems || gate.isOpen || uses < bound) return;
    const isOverrun = gate.waiting >= gate.attached;
    if (uses + 1 - bound > overflowLimit || (strict && isOverrun)) this.#overflows = true;
  }

  #endHot(): void {
    if (this.#hotEnded) return;
    this.#hotEnded = true;
    this.#pushes.complete();
  }

  #breakHot(): void {
    if (!this.#pushes.observed || this.isOver) return;
    this.#hotEnded = true;
    this.#failure = { error: new Error('source') };
    this.#pushes.error(this.#failure.error);
    if (this.#probe.ended !== 'failed') violations.push('G6: an error waits');
  }

  #quit(): void {
    if (this.isOver) return;
    this.#stage.quit();
    if (this.#pushes.observed || this.#stage.gate.attached > 0) violations.push('a stage that quits keeps its source');
  }

  #unsubscribe(): void {
    if (this.isOver) return;
    this.#unsubscribed = true;
    this.#probe.unsubscribe();
    this.#checkReleasedNow();
  }

  /** An item begins: what it is to give, in this order. */
  #begin(item: number): readonly string[] {
    if (this.isOver) violations.push('R-40: an item begins after the end');
    const place = this.#begun++;
    if (item !== this.#arrived[place]) violations.push(`item ${item} begins as number ${place}`);
    const { values, whileStepping } = this.#schedule;
    const given = Array.from({ length: values[item % values.length]! }, (_, i) => `${item}.${i}`);
    this.#expected.push(...given);
    this.perform(whileStepping[item]);
    return given;
  }

  /** At every moment, also in the middle of everything. */
  #look(): void {
    this.#flow.check();
    if (this.#stage === undefined) return;
    const { held, telemetry, gate } = this.#stage;
    this.#mostHeld = Math.max(this.#mostHeld, held, telemetry.peak);
    if (this.#schedule.source === 'pausable' && held > this.#schedule.bound)
      violations.push(`G1: the stage holds ${held} of ${this.#schedule.bound}`);
    if (gate.isOverrun !== (!gate.isOpen && gate.waiting >= gate.attached)) violations.push('isOverrun is wrong');
  }

  #checkProgress(): void {
    const { gate, uses, held, begun, mayBegin, hasAllItems, isDone } = this.#stage;
    const { bound, burst } = this.#schedule;
    const { gate: below, values } = this.#probe;
    must(
      gate.isOpen ? uses < bound : bound - uses < burst,
      `G1: ${uses} of ${bound} in use, gate open: ${gate.isOpen}`,
    );
    const standsStill = !this.#pausableEnded && !hasAllItems;
    must(!standsStill || !gate.isOpen, 'R-12: a source stands still at an open gate');
    const couldGoOn = begun.length > 0 || mayBegin;
    must(!couldGoOn || !below.isOpen, 'R-12: a stage stands still at an open gate');
    must(!couldGoOn || below.waiting === 1, 'R-12: a stage does not wait for the gate below to open');
    must(!below.isOpen || values.length === this.#expected.length, 'a value stays behind at an open gate');
    must(!hasAllItems || held > 0, 'G6: a stage without input that holds nothing has not ended');
    must(!isDone, 'a stage has ended and does not say so');
  }

  #checkReleased(): void {
    this.#checkReleasedNow();
    const { ended, error, values } = this.#probe;
    const { abandoned, failed, in: arrived } = this.#stage.telemetry;
    if (ended === 'failed') {
      const isExpected = this.#failure === undefined ? error instanceof OverflowError : error === this.#failure.error;
      must(isExpected && (this.#overflows || this.#failure !== undefined), `it failed with ${String(error)}`);
    }
    if (ended !== 'completed') return;
    must(values.length === this.#expected.length, 'completed before everything has left');
    must(abandoned + failed === 0 && arrived === this.#begun, 'completed, and not all is counted as completed');
  }

  /** As soon as the end is told, or the subscription given up. */
  #checkReleasedNow(): void {
    const { gate, held, uses, cancelled } = this.#stage;
    const { gate: below } = this.#probe;
    const isObserved = this.#pushes.observed;
    const live = this.#flow.live.size;
    const left = { held, uses, cancelled, isOpen: gate.isOpen, waiting: gate.waiting, attached: gate.attached };
    const leftElsewhere = { isObserved, waiting: below.waiting, attached: below.attached, live };
    const isClean = held + uses + gate.waiting + gate.attached === 0 && cancelled === 1 && gate.isOpen;
    if (!isClean || isObserved || below.waiting + below.attached + live > 0)
      violations.push(`left behind: ${JSON.stringify([left, leftElsewhere])}`);
  }
}
