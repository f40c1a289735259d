import { type Gate, Waiter } from '../../core/gate.ts';
import { safely } from '../../core/safely.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import type { Seat } from './Seat.ts';

/** What a {@link Spreader} is told about itself. */
interface SpreaderSettings {
  readonly name: string;
  readonly overflowLimit: number;
}

/** The stage that sends each item to all seats, once every one of them takes it. */
export class Spreader<T> extends Stage<T, T> {
  readonly #seats: Seats<T>;
  readonly #waiter: Waiter;
  readonly #onEnd: () => void;

  constructor(
    connection: Omit<Connection<T>, 'out'>,
    settings: SpreaderSettings,
    seats: readonly Seat<T>[],
    onEnd: () => void,
  ) {
    const out = new Seats<T>();
    super({ ...connection, out }, { ...settings, bound: 1, definition: settings });
    this.#seats = out;
    out.late = (error) => this.lateError(error);
    this.#onEnd = onEnd;
    this.#waiter = new Waiter(() => this.resume());
    for (const seat of seats) this.add(seat);
  }

  override get outlets(): readonly Gate[] {
    return this.#seats.list.map(({ gate }) => gate);
  }

  add(seat: Seat<T>): void {
    seat.gate.attach();
    this.#seats.list = [...this.#seats.list, seat];
  }

  /** With the last one everything above goes, too. */
  remove(seat: Seat<T>): void {
    const { list } = this.#seats;
    if (!list.includes(seat)) return;
    seat.gate.attached--;
    this.#seats.list = list.filter((other) => other !== seat);
    if (this.#waiter.gate === seat.gate) this.#waiter.cancel();
    if (list.length === 1) this.finalize();
    else this.resume();
  }

  /** There is nobody above who would take what goes wrong here. */
  override next(item: T): void {
    try {
      super.next(item);
    } catch (error) {
      this.fail(error);
    }
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    const full = this.#seats.list.find(({ gate }) => !gate.isOpen);
    if (full !== undefined) {
      full.gate.wait(this.#waiter);
      return false;
    }
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  protected override cancel(): void {
    this.#waiter.cancel();
    // Whoever subscribes from within an end begins a new subscription of the source.
    this.#onEnd();
  }
}

/** All seats as one. The list is exchanged for another at every change, so that a loop over it is not disturbed. */
class Seats<T> {
  list: readonly Seat<T>[] = [];
  readonly closed = false;
  /** Takes what goes wrong at the end. */
  late: (error: unknown) => void = () => {};

  next(item: T): void {
    for (const seat of this.list) seat.next(item);
  }

  error(error: unknown): void {
    this.#end((seat) => seat.error(error));
  }

  complete(): void {
    this.#end((seat) => seat.complete());
  }

  /** Who does not end well must not keep the end from the others. */
  #end(end: (seat: Seat<T>) => void): void {
    for (const seat of this.list) safely(() => end(seat), this.late);
  }
}
