import { now } from '../../core/clock.ts';
import { Limit, type LimitSample } from '../../core/limit.ts';

/** What an {@link AdaptiveLimit} is told about itself: checked `AdaptiveOptions`. */
export interface AdaptiveSettings {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** What is left of the limit after a failure. */
  readonly backoff: number;
  /** From how many milliseconds on an item counts as failed. */
  readonly slowAfter: number;
  readonly isOverload: (error: unknown) => boolean;
}

/**
 * What all algorithms have in common: the number is kept exact, between its bounds, and falls by a factor after a failure. It falls
 * once for all that was under way together: one moment of overload fails many items.
 */
export abstract class AdaptiveLimit extends Limit {
  readonly #settings: AdaptiveSettings;
  #exact: number;
  #changed = -Infinity;

  constructor(settings: AdaptiveSettings) {
    super(settings.initial);
    this.#settings = settings;
    this.#exact = settings.initial;
  }

  /** Learns from an item that has succeeded, in time. */
  protected abstract succeeded(sample: LimitSample): void;

  /** Leaves a share of the number, because of a failure. */
  protected lower(share: number): void {
    this.setTo(this.#exact * share);
  }

  override ended(sample: LimitSample): void {
    const { failed, error, duration } = sample;
    const { isOverload, slowAfter, backoff } = this.#settings;
    // A failure of another kind says nothing about load, and neither does the time that it took.
    if (failed && !isOverload(error)) return;
    if (!failed && duration <= slowAfter) return this.succeeded(sample);
    if (!this.isRecent(sample)) return;
    this.lower(backoff);
  }

  /** The number before it is rounded. */
  protected get exact(): number {
    return this.#exact;
  }

  /** Changes the number. What began before that tells nothing of the new one. */
  protected setTo(value: number): void {
    this.#changed = now();
    this.growTo(Math.max(value, this.#settings.min));
  }

  /** Changes the number by so little that what is under way counts as before. */
  protected growTo(value: number): void {
    this.#exact = Math.min(value, this.#settings.max);
    this.current = Math.floor(this.#exact);
  }

  /** Whether an item began after the last change. */
  protected isRecent({ duration, ago = 0 }: LimitSample): boolean {
    return now() - ago - duration > this.#changed - ROUNDING;
  }

  /** Whether the number is what bounds the work, and not that there is no more of it. */
  protected isUsed(running: number): boolean {
    return running >= this.current * USED;
  }
}

/** Milliseconds within which two moments may be the same. */
const ROUNDING = 1e-6;
/** How much of a limit has to be in use before it grows. */
const USED = 0.8;
