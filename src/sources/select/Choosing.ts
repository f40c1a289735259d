import type { Subscriber } from 'rxjs';
import { after, type Timer } from '../../core/clock.ts';
import { gateBelow } from '../../core/demand.ts';
import { type Gate, Waiter } from '../../core/gate.ts';
import { hooks } from '../../core/hooks.ts';
import { InletSubscriber, operate } from '../../core/operate.ts';
import { safely } from '../../core/safely.ts';
import { CaseLane } from './CaseLane.ts';
import type { Chosen } from './runChosen.ts';
import type { SelectSettings } from './SelectSettings.ts';

/**
 * One subscription of `select`. A round begins when the stage that runs the cases is idle and the gate below it is open: then
 * the gates of the cases are opened, one after the other in the order that is fair, until one sends an item; that closes them
 * all.
 */
export class Choosing {
  /** The gate of the stage that runs the cases. */
  readonly stage: Gate;
  readonly #below: Gate;
  readonly #settings: SelectSettings;
  readonly #out: Subscriber<Chosen<unknown>>;
  readonly #waiter = new Waiter(() => this.#advance());
  readonly #lanes: (CaseLane | undefined)[];
  readonly #inlets: (InletSubscriber<unknown, unknown> | undefined)[];
  /** The cases that have not ended, in the order in which the next round offers them. */
  #order: number[];
  #isOpen = false;
  #chosen: Chosen<unknown> | undefined;
  #isAdvancing = false;
  readonly #late = (error: unknown): void => (this.stage.flow ?? hooks).lateError(error, this.#settings.name);
  #timer: Timer | undefined;

  constructor(settings: SelectSettings, out: Subscriber<Chosen<unknown>>, below: Gate) {
    this.#settings = settings;
    this.#out = out;
    this.#below = below;
    this.stage = gateBelow(out);
    this.#order = settings.cases.map((_, index) => index);
    this.#lanes = settings.cases.map(() => undefined);
    this.#inlets = settings.cases.map(() => undefined);
  }

  start(): void {
    this.stage.attach();
    this.#out.add(() => {
      this.stage.attached--;
      this.#waiter.cancel();
      this.#timer?.unsubscribe();
    });
    this.#advance();
  }

  /** Takes note of the lane of a case, whose source is about to be subscribed. */
  joined(index: number, lane: CaseLane): void {
    this.#lanes[index] = lane;
    if (!this.#isOpen) lane.shut();
  }

  /** Whether a round is under way and nothing has been chosen in it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Chooses an item: nothing else will be chosen in this round. */
  choose(index: number, item: unknown): void {
    const { cases, fairness } = this.#settings;
    const { fn } = cases[index]!;
    if (fairness === 'rotate') this.#order.push(...this.#order.splice(this.#order.indexOf(index), 1));
    this.#decide((context) => fn(item, context));
  }

  #decide(chosen: Chosen<unknown>): void {
    this.#isOpen = false;
    this.#chosen = chosen;
    this.#timer?.unsubscribe();
    for (const lane of this.#lanes) lane?.shut();
    if (!this.#settings.repeats) for (const inlet of this.#inlets) safely(() => inlet?.unsubscribe(), this.#late);
    this.#advance();
  }

  /** Does all that can be done now, in one flat loop. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    try {
      while (!this.#out.closed && this.#step());
    } catch (error) {
      // What `random` throws.
      this.#out.error(error);
    } finally {
      this.#isAdvancing = false;
    }
  }

  #step(): boolean {
    if (this.#chosen !== undefined) {
      const chosen = this.#chosen;
      this.#chosen = undefined;
      this.#out.next(chosen);
      if (!this.#settings.repeats) this.#out.complete();
      return true;
    }
    const isOver = this.#order.length === 0;
    if (isOver && this.#settings.otherwise === undefined) this.#out.complete();
    if (this.#isOpen || this.#out.closed) return false;
    for (const gate of [this.stage, this.#below]) {
      if (gate.isOpen) continue;
      gate.wait(this.#waiter);
      return false;
    }
    this.#offer();
    return true;
  }

  /** Opens the cases one after the other until something is chosen. */
  #offer(): void {
    const { otherwise, timeout } = this.#settings;
    this.#isOpen = true;
    const order = this.#ordered();
    for (const index of order) {
      if (this.#out.closed) return;
      // The others of the first round are there from now on, but have to wait.
      if (this.#isOpen || (this.#settings.repeats && this.#inlets[index] === undefined)) this.#open(index);
    }
    // The last case may have ended it all.
    if (!this.#isOpen || this.#out.closed) return;
    if (otherwise !== undefined) this.#decide(otherwise);
    else if (timeout !== undefined && this.#order.length > 0) {
      this.#timer = after(timeout.ms, () => this.#decide(timeout.fn));
    }
  }

  #ordered(): readonly number[] {
    // A copy, since cases end and change places while they are offered.
    const order = [...this.#order];
    if (this.#settings.fairness !== 'random') return order;
    for (let i = 0; i < order.length - 1; i++) {
      const far = Math.trunc(this.#settings.random() * (order.length - i));
      const j = far > 0 && i + far < order.length ? i + far : i;
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  #open(index: number): void {
    if (this.#inlets[index] === undefined) this.#subscribe(index);
    else this.#lanes[index]?.open();
  }

  #subscribe(index: number): void {
    const { cases, name } = this.#settings;
    const inlet = (this.#inlets[index] = new InletSubscriber<unknown, unknown>(this.#out));
    inlet.connect({ next: () => {}, complete: () => this.#ended(index) });
    const lane = operate<unknown, unknown>(
      (connection) => new CaseLane(connection, name, this.#settings.cases, this, index),
    );
    cases[index]!.source.pipe(lane).subscribe(inlet);
  }

  /** A case that has ended is never chosen again. */
  #ended(index: number): void {
    this.#order = this.#order.filter((it) => it !== index);
    this.#lanes[index] = undefined;
    // While cases are offered, the others may still have something.
    if (this.#order.length > 0 || this.#isAdvancing) return;
    this.#isOpen = false;
    this.#timer?.unsubscribe();
    this.#advance();
  }
}
