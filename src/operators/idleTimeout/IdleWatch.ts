import { now } from '../../core/clock.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import { Alarm } from '../Alarm.ts';
import { IdleTimeoutError } from '../IdleTimeoutError.ts';

/** What an {@link IdleWatch} is told about itself: checked arguments of `idleTimeout`. */
interface IdleWatchSettings {
  readonly name: string;
  readonly timeout: number;
  readonly onIdle: 'fail' | 'complete';
  readonly overflowLimit: number;
}

/** The stage that ends a flow whose source says nothing although nothing holds it back. */
export class IdleWatch<T> extends Stage<T, T> {
  readonly #settings: IdleWatchSettings;
  readonly #alarm = new Alarm(() => this.#isDue());

  constructor(connection: Connection<T>, settings: IdleWatchSettings) {
    super(connection, { ...settings, bound: 1, definition: settings });
    this.#settings = settings;
    this.#watch();
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  /** Whatever has happened, an item that came or a gate that opened: silence counts from here. */
  protected override drain(): void {
    super.drain();
    if (!this.draining) this.#watch();
  }

  protected override cancel(): void {
    this.#alarm.stop();
  }

  #watch(): void {
    if (this.ended) return;
    if (this.below.isOpen) return this.#alarm.set(now() + this.#settings.timeout);
    this.#alarm.stop();
    // Also when nothing is held: when the gate opens, time begins to count.
    this.waitBelow();
  }

  #isDue(): void {
    // Somebody else has closed the gate meanwhile.
    if (!this.below.isOpen) return this.#watch();
    const { name, timeout, onIdle } = this.#settings;
    try {
      if (onIdle === 'complete') this.quit();
      else this.fail(new IdleTimeoutError(name, timeout));
    } catch (error) {
      // What is above does not end well.
      this.lateError(error);
      if (!this.ended) this.complete();
    }
  }
}
