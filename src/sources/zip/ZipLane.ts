import { Gate } from '../../core/gate.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import type { Rows } from './Rows.ts';

/** What a {@link ZipLane} is told about itself: checked `ZipOptions`. */
export interface ZipSettings {
  readonly name: string;
  readonly bound: number;
  readonly overflowLimit: number;
}

/** One source of a zip: a stage that holds its items until each of the others has one. */
export class ZipLane extends Stage<unknown, unknown> {
  readonly #rows: Rows;
  readonly #below: Gate;

  constructor(connection: Connection<unknown>, settings: ZipSettings, rows: Rows) {
    const { below } = connection;
    // The gate at the end is that of all lanes together: a lane alone never waits for it.
    super({ ...connection, below: new Gate(below.flow, below.isInner) }, { ...settings, definition: settings });
    this.#rows = rows;
    this.#below = below;
    rows.join(this, below);
  }

  override get outlets(): readonly Gate[] {
    return [this.#below];
  }

  override next(item: unknown): void {
    const { held } = this;
    super.next(item);
    if (held === 0 && this.held > 0) this.#rows.ready();
  }

  /** Takes the oldest item out. Its source goes on when {@link ZipLane.goOn} is called. */
  take(): unknown {
    this.telemetry.completed++;
    return this.waiting.shift();
  }

  /** Sends a row down, for all lanes. */
  send(row: unknown[]): void {
    this.deliver(row);
  }

  /** Lets the source make another item, or ends. */
  goOn(): void {
    this.drain();
  }

  /** Items leave by {@link ZipLane.take} alone. */
  protected override step(): boolean {
    return false;
  }

  protected override admit(item: unknown): boolean {
    // One warning is enough for all lanes: the remedy is the same.
    if (this.#rows.isOverrun) return this.guard(1);
    this.#rows.isOverrun = this.gate.isOverrun;
    return super.admit(item);
  }

  /** With no item left here, no further row can be made: everything is over. */
  protected override finish(): void {
    this.#rows.onEnd();
  }

  protected override cancel(): void {
    this.#rows.leave();
  }
}
