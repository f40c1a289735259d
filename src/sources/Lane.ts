import { Gate } from '../core/gate.ts';
import { Stage, type Connection, type StageSettings } from '../core/stage.ts';
import type { Turns } from './Turns.ts';

/** One source of a fan-in: a stage that holds an item until it is its turn to send it. */
export class Lane<T> extends Stage<T, T> {
  /** How many items it sends in a row while others wait. */
  readonly weight: number;
  readonly #turns: Turns<T>;
  readonly #below: Gate;
  #heldSince = 0;

  constructor(connection: Connection<T>, settings: Omit<StageSettings, 'bound'>, turns: Turns<T>, weight: number) {
    const { below } = connection;
    // The gate at the end is that of all lanes together: a lane alone never waits for it.
    super(
      { ...connection, below: new Gate(below.flow, below.isInner) },
      { ...settings, bound: 1, definition: settings },
    );
    this.#turns = turns;
    this.#below = below;
    this.weight = weight;
    turns.join(below);
  }

  override get outlets(): readonly Gate[] {
    return [this.#below];
  }

  override next(item: T): void {
    if (this.ended) return;
    if (this.#turns.enter()) this.#pass(item);
    else this.#keep(item);
  }

  /** Sends the oldest item, and lets the source make another. Called when it is its turn. */
  give(): void {
    this.#noteHeldBack();
    this.draining = true;
    try {
      this.telemetry.completed++;
      this.deliver(this.waiting.shift() as T);
    } finally {
      this.draining = false;
    }
    this.drain();
  }

  /** Items leave by {@link Lane.give} alone. */
  protected override step(): boolean {
    return false;
  }

  /** What is sent while the gate below is open, from within another item, only waits for its turn. */
  protected override admit(item: T): boolean {
    // One warning is enough for all lanes: the remedy is the same.
    if (this.#below.isOpen || this.#turns.isOverrun) return this.guard(1);
    this.#turns.isOverrun = this.gate.isOverrun;
    return super.admit(item);
  }

  protected override cancel(): void {
    this.#noteHeldBack();
    this.#turns.leave();
  }

  /** The way of most items: nothing is in front of it, so it need not queue. */
  #pass(item: T): void {
    this.telemetry.in++;
    this.telemetry.completed++;
    this.draining = true;
    try {
      this.deliver(item);
    } finally {
      this.draining = false;
      this.#turns.exit();
    }
    if (this.inputEnded) this.drain();
  }

  #keep(item: T): void {
    const { draining } = this;
    this.draining = true;
    try {
      super.next(item);
    } finally {
      this.draining = draining;
    }
    if (this.waiting.length === 0) return;
    this.#turns.ready(this);
    const { flow } = this.gate;
    if (flow !== undefined && this.waiting.length > 0 && this.#heldSince === 0) {
      this.#heldSince = this.telemetry.heldBack?.start(flow) ?? 0;
    }
  }

  #noteHeldBack(): void {
    if (this.#heldSince !== 0) this.telemetry.heldBack?.end(this.gate.flow!, this.#heldSince);
    this.#heldSince = 0;
  }
}
