import type { Subscriber } from 'rxjs';
import { after, now, type Timer } from '../core/clock.ts';
import { Demand } from '../core/demand.ts';
import type { Tick } from './ticker.ts';
import { countDropped } from '../core/telemetry.ts';

/** The checked options of `ticker`. */
export interface TickingSettings {
  readonly name: string;
  readonly every: number;
  readonly initial: number;
  readonly missed: 'skip' | 'burst' | 'delay';
  readonly burst: number;
}

/**
 * One subscription of `ticker`. Either its timer runs, up to the next tick, or a tick is due and it waits at the gate: so
 * nothing is done while nothing is wanted.
 */
export class Ticking {
  readonly below: Demand<Tick>;
  readonly #settings: TickingSettings;
  readonly #began = now();
  /** When the tick with index 0 is due; after a delay, when it would have been. */
  #origin: number;
  /** The index of the tick that comes next. */
  #next = 0;
  /** Whether a tick had to wait for the gate. */
  #isHeld = false;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(settings: TickingSettings, subscriber: Subscriber<Tick>) {
    this.#settings = settings;
    this.#origin = this.#began + settings.initial;
    this.below = new Demand(subscriber, settings, () => this.#produce());
    subscriber.add(() => {
      this.#isOver = true;
      this.#timer?.unsubscribe();
    });
  }

  #produce(): void {
    for (;;) {
      if (this.#lastDue(now()) < this.#next) return this.#setTimer();
      if (!this.below.wants()) {
        this.#isHeld ||= !this.below.below.isOpen;
        return;
      }
      // The time at which it is sent. The look at the gate took some.
      const time = now();
      if (this.#settings.missed === 'delay') this.#sendDelayed(time);
      else this.#sendInTime(time);
    }
  }

  #sendDelayed(time: number): void {
    const { every } = this.#settings;
    const tick = this.#tick(time);
    if (this.#isHeld || tick.late >= every) this.#origin = time - tick.index * every;
    this.#isHeld = false;
    this.#next++;
    this.below.send(tick);
  }

  #sendInTime(time: number): void {
    const { missed, burst } = this.#settings;
    const last = this.#lastDue(time);
    const isHeld = this.#isHeld;
    this.#isHeld = false;
    // What is due in this very moment has not been missed.
    const first = missed === 'burst' ? last - burst + 1 : isHeld && this.#timeOf(last) < time ? last + 1 : last;
    if (first > this.#next) {
      countDropped(this.below.telemetry, 'missed', first - this.#next);
      this.#next = first;
    }
    if (this.#next > last) return;
    const tick = this.#tick(time);
    this.#next++;
    this.below.send(tick);
  }

  #tick(time: number): Tick {
    const due = this.#timeOf(this.#next);
    return { index: this.#next, scheduled: due - this.#began, late: time - due };
  }

  #setTimer(): void {
    // The tick that was just sent may have been the last that was wanted.
    if (this.#isOver) return;
    // Rounded up, since Node.js cuts fractions off. It may come too early nevertheless: then it is set once more.
    const wait = Math.ceil(this.#timeOf(this.#next) - now());
    this.#timer = after(Math.min(Math.max(wait, 0), MAX_TIMER), () => this.#produce());
  }

  #timeOf(index: number): number {
    return this.#origin + index * this.#settings.every;
  }

  /** The index of the last tick that is due by then; less than 0 if none is. */
  #lastDue(time: number): number {
    let index = Math.floor((time - this.#origin) / this.#settings.every);
    // Rounding may have gone either way.
    if (this.#timeOf(index + 1) <= time) index++;
    if (this.#timeOf(index) > time) index--;
    return index;
  }
}

const MAX_TIMER = 2 ** 31 - 1;
