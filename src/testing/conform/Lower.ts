import { Subscriber, type Observable } from 'rxjs';
import { GATE, setSubscribing } from '../../core/demand.ts';
import { Gate } from '../../core/gate.ts';
import type { Breach } from './ConformanceError.ts';
import { plural, show } from './show.ts';
import type { Trial } from './Trial.ts';

/** How a {@link Lower} reads results. */
export interface Reading {
  /** The items that a result carries. */
  readonly contents: (result: unknown) => readonly unknown[];
  /** How many results one item may give at most. */
  readonly perItem: number;
  /** Whether values may come through the closed gate, because something above cannot be paused. */
  readonly takesOverrun?: boolean;
}

/** The lower end of a flow: a consumer whose gate a check opens and closes, and which writes down whatever breaks a rule. */
export class Lower {
  readonly gate: Gate;
  /** The items that came, taken out of the results. */
  readonly values: unknown[] = [];
  /** How many results came. */
  results = 0;
  ended: 'completed' | 'failed' | undefined;
  error: unknown;
  /** Called with the number of each result, from 0, after it was noted. */
  onNext: (index: number) => void = () => {};
  onEnd: () => void = () => {};
  readonly #trial: Trial;
  readonly #reading: Reading;
  readonly #name: string;
  #allowed = Infinity;
  #isTaking = false;
  #throughClosed = 0;
  #out: LowerSubscriber | undefined;

  constructor(trial: Trial, reading: Reading, name = 'consumer', inFlow = true) {
    this.#trial = trial;
    this.#reading = reading;
    this.#name = name;
    this.gate = new Gate(inFlow ? trial.flow : undefined);
    trial.watch(this);
  }

  /** `isGone`: it has unsubscribed before it does so. */
  subscribe(source: Observable<unknown>, isGone = false): this {
    this.#out = new LowerSubscriber(this);
    if (isGone) this.unsubscribe();
    // As every stage does, for sources that do not find it by walking.
    const outer = setSubscribing(this.gate);
    try {
      source.subscribe(this.#out);
    } finally {
      setSubscribing(outer);
    }
    return this;
  }

  /** Opens the gate for `count` results; then it closes itself. */
  allow(count: number): void {
    this.#trial.note(this.#name, `wants ${plural(count, 'result')}`);
    this.#allowed = count;
    this.gate.open();
  }

  open(): void {
    this.#trial.note(this.#name, 'opens its gate');
    this.#allowed = Infinity;
    this.gate.open();
  }

  shut(): void {
    this.#trial.note(this.#name, 'closes its gate');
    this.gate.close();
  }

  unsubscribe(): void {
    this.#trial.note(this.#name, 'unsubscribes');
    this.#out?.unsubscribe();
  }

  /** Whether the subscription has ended or was ended. */
  get isOver(): boolean {
    return this.#out?.closed === true;
  }

  /** @internal */
  take(result: unknown): void {
    const trial = this.#trial;
    trial.noteWith(this.#name, 'gets', result);
    if (!this.gate.isOpen) this.#checkClosed(result);
    else this.#throughClosed = 0;
    if (this.#isTaking) {
      trial.breach('R-20', 'one value is dealt with before the next one comes', `${show(result)} inside another value`);
    }
    this.#isTaking = true;
    try {
      this.values.push(...this.#reading.contents(result));
      const index = this.results++;
      if (--this.#allowed <= 0) this.gate.close();
      this.onNext(index);
    } finally {
      this.#isTaking = false;
    }
  }

  /** @internal */
  end(how: 'completed' | 'failed', error?: unknown): void {
    if (how === 'failed') this.#trial.noteWith(this.#name, 'is told: failed', error);
    else this.#trial.note(this.#name, 'is told: completed');
    this.ended = how;
    this.error = error;
    this.onEnd();
  }

  /** Takes what comes after the end. A subscriber of RxJS would hide it. @internal */
  afterEnd(what: string, ...value: [] | [unknown]): void {
    const sent = [what, ...value.map(show)].join(' ');
    this.#trial.note(this.#name, `has ended and is sent: ${sent}`);
    const seen = `${sent} after ${this.ended ?? 'it was unsubscribed'}`;
    if (this.ended !== undefined) this.#trial.breach('R-02', 'nothing after the end', seen);
    // Operators may complete a subscriber that has just gone; that is neither heard nor felt.
    else if (what === 'next') this.#trial.breach('R-40', 'nothing after unsubscribe', seen);
  }

  close(): void {
    if (this.#out !== undefined && !this.#out.closed) this.unsubscribe();
  }

  leftovers(): readonly Breach[] {
    const { attached, waiting } = this.gate;
    if (!this.isOver || (attached === 0 && waiting === 0)) return [];
    const seen = `attached: ${attached}, waiting: ${waiting}`;
    return [{ rule: 'R-55', expected: `nobody at the gate of the ${this.#name} after the end`, seen }];
  }

  #checkClosed(result: unknown): void {
    if (this.#reading.takesOverrun === true || ++this.#throughClosed < this.#reading.perItem) return;
    this.#trial.breach('R-10', 'nothing comes through a closed gate', show(result));
  }
}

class LowerSubscriber extends Subscriber<unknown> {
  readonly [GATE]: Gate;
  readonly #lower: Lower;

  constructor(lower: Lower) {
    // oxlint-disable-next-line typescript/no-deprecated -- RxJS hides what comes after the end from everyone else
    super();
    this[GATE] = lower.gate;
    this.#lower = lower;
  }

  override next(value?: unknown): void {
    if (this.#isOver) this.#lower.afterEnd('next', value);
    else super.next(value);
  }

  override error(error?: unknown): void {
    if (this.#isOver) this.#lower.afterEnd('error', error);
    else super.error(error);
  }

  override complete(): void {
    if (this.#isOver) this.#lower.afterEnd('complete');
    else super.complete();
  }

  get #isOver(): boolean {
    return this.closed || this.#lower.ended !== undefined;
  }

  protected override _next(value: unknown): void {
    this.#lower.take(value);
  }

  protected override _error(error: unknown): void {
    this.#lower.end('failed', error);
    this.unsubscribe();
  }

  protected override _complete(): void {
    this.#lower.end('completed');
    this.unsubscribe();
  }
}
