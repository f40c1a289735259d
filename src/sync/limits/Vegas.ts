import type { LimitSample } from '../../core/limit.ts';
import { AdaptiveLimit, type AdaptiveSettings } from './AdaptiveLimit.ts';
import { Correlation } from './Correlation.ts';
import { Window } from './Window.ts';

/**
 * Estimates how many items queue where the work is done, from how much longer they take than without load:
 * `limit * (1 - unloaded / duration)`. Few, and it grows; many, and it falls.
 */
export class Vegas extends AdaptiveLimit {
  readonly #min: number;
  /** How long an item takes without load, at most. */
  #unloaded = Infinity;
  #window = new Window();
  readonly #history = new Correlation();
  /** Rounds since it last looked how long an item takes without load, as the first does; the most that ran since. */
  #rounds = ROUNDS_UNTIL_LOOK - 1;
  #highest: number;
  /** What it was before it went down to look. */
  #before: number | undefined;

  constructor(settings: AdaptiveSettings) {
    super(settings);
    this.#min = settings.min;
    this.#highest = settings.initial;
  }

  protected override succeeded(sample: LimitSample): void {
    if (!this.isRecent(sample)) return;
    const window = this.#window;
    window.add(sample);
    if (window.count < Math.max(this.current, FEWEST)) return;
    this.#window = new Window();
    if (this.#before === undefined) this.#judge(window);
    else this.#takeLook(window, this.#before);
  }

  /** What was measured until then was under another load. */
  protected override lower(share: number): void {
    // A failure while it looks takes its share of what it was, not of where it went to look.
    const before = this.#before ?? this.exact;
    this.#window = new Window();
    this.#before = undefined;
    this.setTo(before * share);
  }

  /** Once for each round. */
  #judge(window: Window): void {
    const { duration, error, running } = window;
    this.#unloaded = Math.min(this.#unloaded, duration + error);
    this.#history.add(running, duration);
    this.#highest = Math.max(this.#highest, this.exact);
    const limit = this.exact;
    if (++this.#rounds >= ROUNDS_UNTIL_LOOK || limit <= this.#highest / 2) {
      return running > limit / LOOK_AT ? this.#look() : this.#takeLook(window, limit);
    }
    // What may be by chance does not count as queueing.
    const queue = limit * (1 - this.#unloaded / Math.max(duration - error, this.#unloaded));
    const step = Math.max(Math.log10(limit), 1);
    if (queue > MANY * step) return this.setTo(limit - Math.max(step, (queue - MANY * step) / 2));
    if (queue >= FEW * step || !this.isUsed(running)) return;
    // Then what it takes for the time without load cannot be that, and what was grown is taken back.
    const enough = this.#history.saturatedFrom(limit);
    if (enough !== undefined) this.setTo(Math.min(enough, limit));
    else this.setTo(limit + (queue <= step ? MANY * step : step));
  }

  /** Goes down so far that nothing queues, for as long as it takes to see how long an item takes then. */
  #look(): void {
    this.#before = this.exact;
    this.setTo(Math.max(this.exact / LOOK_AT, this.#min));
  }

  #takeLook({ duration, error }: Window, before: number): void {
    this.#unloaded = duration + error;
    this.#before = undefined;
    this.#rounds = 0;
    this.#highest = before;
    this.setTo(before);
  }
}

/** The fewest items from which a round is judged. */
const FEWEST = 20;
/** How many steps long a queue may be, so that the limit grows by one step or falls: `alpha` and `beta` of TCP Vegas. */
const FEW = 3;
const MANY = 6;
const ROUNDS_UNTIL_LOOK = 50;
/** To which part of itself the limit goes down to see how long an item takes without load. */
const LOOK_AT = 4;
