import { now } from '../../core/clock.ts';
import { Ring } from '../../core/ring.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import { Alarm } from '../Alarm.ts';

/** What a {@link Delayer} is told about itself: checked arguments of `delay`. */
interface DelayerSettings {
  readonly name: string;
  readonly duration: number;
  readonly bound: number;
  readonly overflowLimit: number;
}

/** The stage that holds every item for so long. */
export class Delayer<T> extends Stage<T, T> {
  readonly #duration: number;
  /** When those that wait are due, in the same order. */
  readonly #due = new Ring<number>();
  /** When the end of the input is due, once it has come. */
  #end = Infinity;
  readonly #alarm = new Alarm(() => this.#isDue());

  constructor(connection: Connection<T>, settings: DelayerSettings) {
    super(connection, { ...settings, definition: settings });
    this.#duration = settings.duration;
  }

  override next(item: T): void {
    if (this.ended) return;
    this.#due.push(now() + this.#duration);
    super.next(item);
  }

  /** The end takes as long as an item. */
  override complete(): void {
    this.#end = now() + this.#duration;
    this.#isDue();
  }

  protected override step(): boolean {
    if (this.waiting.length === 0 || now() < this.#due.peek()!) return false;
    this.#due.shift();
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  protected override drain(): void {
    super.drain();
    if (!this.draining) this.#watch();
  }

  protected override cancel(): void {
    this.#alarm.stop();
    this.#due.clear();
  }

  /** At the end everything is due; it leaves as soon as the gate below lets it. */
  #isDue(): void {
    if (now() >= this.#end) super.complete();
    else this.resume();
  }

  #watch(): void {
    if (this.ended || this.inputEnded) return;
    const next = this.#due.peek() ?? this.#end;
    // What is due and still here waits for the gate below; or if that is open, it has come due since the last step looked.
    if (next > now() || this.below.isOpen) this.#alarm.set(next);
    else if (this.#end < Infinity) this.#alarm.set(this.#end);
  }
}
