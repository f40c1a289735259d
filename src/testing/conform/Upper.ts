import { Observable, type Subscriber } from 'rxjs';
import { demand, type Demand } from '../../core/demand.ts';
import type { Gate } from '../../core/gate.ts';
import type { Breach } from './ConformanceError.ts';
import { plural } from './show.ts';
import type { Trial } from './Trial.ts';

/**
 * What an {@link Upper} does: `pausable` looks at the gate; `loose` sends what it is told, whatever the gate says; a `firehose`
 * sends all its items while it is being subscribed and looks only whether it is unsubscribed; a `deaf` one not even at that.
 */
export type Kind = 'pausable' | 'loose' | 'firehose' | 'deaf';

/** What an {@link Upper} has to send. */
export interface Supply {
  readonly kind?: Kind;
  /** How many items there are at first. Default 0. */
  readonly items?: number;
  /** How it ends once they are sent. Default: it does not, until told. */
  readonly ends?: 'complete' | { readonly error: unknown };
  /** What an item carries. Default: its number. */
  readonly value?: (n: number) => unknown;
  /** Called when it is torn down. */
  readonly onTeardown?: () => void;
}

/** The upper end of a flow: a source that counts what it sends and how often it is subscribed and unsubscribed. */
export class Upper {
  readonly items$: Observable<unknown>;
  /** How many items it has sent, all subscriptions together. */
  sent = 0;
  subscriptions = 0;
  /** How many subscriptions go on. */
  active = 0;
  /** How often it was asked to go on. */
  woken = 0;
  /** The gate that it found below it. */
  gate: Gate | undefined;
  /** Called after each item. */
  onSent: () => void = () => {};
  readonly #trial: Trial;
  readonly #supply: Supply;
  readonly #make: (value: number) => unknown;
  /** How many are attached to the gate besides. */
  #others = 0;
  #available: number;
  #ends: Supply['ends'];
  #go: () => void = () => {};

  constructor(trial: Trial, make: (value: unknown) => unknown, supply: Supply) {
    this.#trial = trial;
    this.#make = supply.value === undefined ? make : (n) => make(supply.value!(n));
    this.#supply = supply;
    this.#available = supply.items ?? 0;
    this.#ends = supply.ends;
    this.items$ = new Observable((subscriber) => this.#subscribed(subscriber));
    trial.watch(this);
  }

  /** Gives it more items to send. */
  offer(count: number): void {
    this.#trial.note('source', `has ${plural(count, 'item')} more`);
    this.#available += count;
    this.#go();
  }

  /** Lets it end once its items are sent. */
  complete(): void {
    this.#ends = 'complete';
    this.#go();
  }

  fail(error: unknown): void {
    this.#trial.note('source', 'is to fail now');
    this.#available = 0;
    this.#ends = { error };
    this.#go();
  }

  leftovers(): readonly Breach[] {
    if (this.active > 0) {
      const seen = `${plural(this.active, 'subscription')} of ${this.subscriptions} going on`;
      return [{ rule: 'R-45', expected: 'the source is unsubscribed at the end', seen }];
    }
    if (this.gate === undefined) return [];
    const { waiting } = this.gate;
    const attached = this.gate.attached - this.#others;
    if (attached <= 0 && waiting === 0) return [];
    const seen = `attached: ${attached}, waiting: ${waiting}`;
    return [{ rule: 'R-55', expected: 'nobody at the gate below the source after the end', seen }];
  }

  #subscribed(subscriber: Subscriber<unknown>): void {
    this.subscriptions++;
    this.active++;
    this.#trial.note('source', 'is subscribed');
    subscriber.add(() => {
      this.active--;
      this.#trial.note('source', 'is unsubscribed');
      this.#supply.onTeardown?.();
    });
    const { kind = 'pausable' } = this.#supply;
    const next = { index: 0 };
    if (kind === 'pausable') this.#pausable(subscriber, next);
    else this.#unpausable(subscriber, next, kind);
  }

  #pausable(subscriber: Subscriber<unknown>, next: { index: number }): void {
    let producing = false;
    const produce = (below: Demand<unknown>): void => {
      if (this.gate !== below.below) this.#found(below.below);
      this.woken++;
      if (producing) return;
      producing = true;
      try {
        while (next.index < this.#available && below.wants()) {
          this.#note(next.index);
          below.send(this.#make(next.index++));
          this.onSent();
        }
      } finally {
        producing = false;
      }
      if (next.index >= this.#available) this.#end(subscriber);
    };
    let below: Demand<unknown> | undefined;
    this.#go = () => {
      if (below !== undefined && !subscriber.closed) produce(below);
    };
    demand(subscriber, { name: 'source' }, (found) => {
      below = found;
      produce(found);
    });
  }

  #unpausable(subscriber: Subscriber<unknown>, next: { index: number }, kind: Kind): void {
    const isWanted = (): boolean => kind === 'deaf' || !subscriber.closed;
    // Also from within itself: that is how an item comes inside another.
    this.#go = () => {
      while (next.index < this.#available && isWanted()) {
        this.#note(next.index);
        subscriber.next(this.#make(next.index++));
        this.onSent();
      }
      if (next.index >= this.#available) this.#end(subscriber);
    };
    this.#go();
  }

  /** Where nothing below holds back, the gate is one that the whole process shares. */
  #found(gate: Gate): void {
    this.gate = gate;
    this.#others = gate.attached - 1;
  }

  #note(index: number): void {
    this.sent++;
    this.#trial.noteWith('source', 'sends item', index);
  }

  #end(subscriber: Subscriber<unknown>): void {
    if (this.#ends === undefined || subscriber.closed) return;
    this.#trial.note('source', this.#ends === 'complete' ? 'completes' : 'fails');
    if (this.#ends === 'complete') subscriber.complete();
    else subscriber.error(this.#ends.error);
  }
}
