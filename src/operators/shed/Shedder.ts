import { now } from '../../core/clock.ts';
import { Ring } from '../../core/ring.ts';
import { Stage, type Connection } from '../../core/stage.ts';
import { Alarm } from '../Alarm.ts';
import { LoopDelay } from './LoopDelay.ts';
import { countDropped } from '../../core/telemetry.ts';

/** The limit that an item was given up for. */
type ShedReason = 'maxAge' | 'maxDepth' | 'maxLoopDelay';

/** What a {@link Shedder} is told about itself: checked `ShedOptions`. */
export interface ShedderSettings<T> {
  readonly name: string;
  readonly maxAge: number | undefined;
  readonly maxDepth: number;
  readonly maxLoopDelay: number | undefined;
  readonly drop: 'newest' | 'oldest';
  readonly onDrop: ((item: T, reason: ShedReason) => void) | undefined;
}

/** The stage that gives items up rather than let them wait for too long. */
export class Shedder<T> extends Stage<T, T> {
  readonly #settings: ShedderSettings<T>;
  /** When those that wait arrived, in the same order; only with `maxAge`. */
  readonly #arrived: Ring<number> | undefined;
  readonly #loop: LoopDelay | undefined;
  readonly #alarm: Alarm | undefined;
  /** Whether the item that comes finds the gate below open and nothing in front of it: then it does not wait. */
  #passes = false;

  constructor(connection: Connection<T>, settings: ShedderSettings<T>) {
    // It never holds its source back, so its gate has no bound to close at.
    super(connection, { name: settings.name, bound: Infinity, definition: settings });
    this.#settings = settings;
    if (settings.maxLoopDelay !== undefined) this.#loop = new LoopDelay();
    if (settings.maxAge === undefined) return;
    this.#arrived = new Ring();
    if (settings.drop === 'oldest') this.#alarm = new Alarm(() => this.#outOfDate());
  }

  override next(item: T): void {
    if (this.ended) return;
    const reason = this.#reason();
    if (reason === undefined) return this.#keep(item);
    if (this.#settings.drop === 'newest' || this.waiting.length === 0) {
      this.telemetry.in++;
      return this.#giveUp(item, reason);
    }
    const oldest = this.#shift();
    countDropped(this.telemetry, reason);
    this.#keep(item);
    this.#settings.onDrop?.(oldest, reason);
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    // Its timer may be late, when there is too much to do.
    if (this.#alarm !== undefined && !this.#passes && this.#isOld()) {
      this.#outOfDate();
      return true;
    }
    this.#passes = false;
    const item = this.#shift();
    this.telemetry.completed++;
    this.deliver(item);
    return true;
  }

  protected override cancel(): void {
    this.#alarm?.stop();
    this.#loop?.stop();
    this.#arrived?.clear();
  }

  /** Which limit is passed, if any. */
  #reason(): ShedReason | undefined {
    const { maxDepth, maxLoopDelay = Infinity } = this.#settings;
    if (this.#loop !== undefined && this.#loop.value > maxLoopDelay) return 'maxLoopDelay';
    if (this.#isOld()) return 'maxAge';
    return this.waiting.length >= maxDepth ? 'maxDepth' : undefined;
  }

  /** Whether the oldest item has waited for too long. */
  #isOld(): boolean {
    const { maxAge } = this.#settings;
    if (maxAge === undefined || this.waiting.length === 0) return false;
    return now() - (this.#arrived!.peek() as number) >= maxAge;
  }

  #keep(item: T): void {
    this.#arrived?.push(now());
    this.#passes = this.waiting.length === 0 && !this.draining && this.below.isOpen;
    super.next(item);
    this.#watch();
  }

  #shift(): T {
    this.#arrived?.shift();
    return this.waiting.shift() as T;
  }

  #watch(): void {
    const oldest = this.#arrived?.peek();
    if (this.#alarm === undefined || oldest === undefined) return;
    this.#alarm.set(oldest + this.#settings.maxAge!);
  }

  /** Gives up every item that has waited for too long. */
  #outOfDate(): void {
    try {
      while (this.#isOld()) this.#giveUp(this.#shift(), 'maxAge');
    } catch (error) {
      return this.fail(error);
    }
    this.#watch();
    this.drain();
  }

  #giveUp(item: T, reason: ShedReason): void {
    countDropped(this.telemetry, reason);
    this.#settings.onDrop?.(item, reason);
  }
}
