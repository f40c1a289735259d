import { Gate } from '../../core/gate.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import type { Choosing } from './Choosing.ts';

/**
 * The source of one case, behind a gate that is open only while an item of it may be chosen. What cannot be paused sends items
 * nevertheless: they wait here for a round.
 */
export class CaseLane extends Stage<unknown, never> {
  readonly #choosing: Choosing;
  readonly #index: number;

  constructor(connection: Connection<never>, name: string, definition: object, choosing: Choosing, index: number) {
    const { below } = connection;
    super(
      { ...connection, below: new Gate(below.flow, below.isInner) },
      // It never has as much room as that: its gate is opened by hand alone.
      { name, bound: 1, burst: 2, definition },
    );
    this.#choosing = choosing;
    this.#index = index;
    choosing.joined(index, this);
  }

  override get outlets(): readonly Gate[] {
    return [this.#choosing.stage];
  }

  override next(item: unknown): void {
    if (this.ended) return;
    if (this.waiting.length > 0 || !this.#choosing.isOpen) return this.#keep(item);
    this.telemetry.in++;
    this.#leave(item);
  }

  /** Lets an item be chosen: one that waits, or the next that comes. */
  open(): void {
    if (this.waiting.length > 0) this.#leave(this.waiting.shift());
    else this.gate.open();
    // It may have been the last.
    if (this.inputEnded) this.drain();
  }

  /** Lets none be chosen. */
  shut(): void {
    this.gate.close();
  }

  /** Items leave when they are chosen. */
  protected override step(): boolean {
    return false;
  }

  #leave(item: unknown): void {
    this.telemetry.completed++;
    this.telemetry.out++;
    this.#choosing.choose(this.#index, item);
  }

  #keep(item: unknown): void {
    this.draining = true;
    try {
      super.next(item);
    } finally {
      this.draining = false;
    }
  }
}
