import type { Flow } from './flow.ts';

/**
 * The counters of one stage or source: plain fields, incremented in place.
 *
 * For a stage `in = completed + failed + dropped + merged + deadLettered + abandoned + held` at every moment.
 * Times are only taken in a flow that was started by `run`.
 */
export class Telemetry {
  /** Items that arrived. */
  in = 0;
  /** Values that left: as many as `completed` where every item gives one. */
  out = 0;
  /** Items whose work ended well and whose every value has left. */
  completed = 0;
  /** Items whose work failed, and which were skipped, turned into a `Result`, or ended the stage. */
  failed = 0;
  /** Further tries of items whose work was lost or took too long. */
  retried = 0;
  /** Items given up by an overflow policy. */
  dropped = 0;
  /** How many of these for each reason, where any were. Counted by {@link countDropped}. */
  droppedFor: Map<string, number> | undefined;
  /** Items that an overflow policy made part of another item. */
  merged = 0;
  /** Items handed to the dead letter. */
  deadLettered = 0;
  /** Items held when the stage was unsubscribed or failed. */
  abandoned = 0;
  /** Items that came from something that cannot be paused, while as much was held as may be. */
  overrun = 0;
  /** The most items ever held at once. */
  peak = 0;
  /** How many items may run at once; 0 for a stage that runs nothing. */
  concurrency = 0;
  /** Time spent working, summed over everything that ran at once. Only in a flow that times it: see {@link beginTiming}. */
  work: Stopwatch | undefined;
  /** Time during which something waited because the gate below was closed. */
  heldBack: Stopwatch | undefined;
}

/**
 * Sums durations of which it times one in {@link Stopwatch.stride}: each while they come slowly, one in sixteen while they
 * come faster than the clock is worth, so that an item of a microsecond does not pay for two looks at the clock.
 *
 * A duration that is never ended counts on: of what has left its flow, {@link Stopwatch.totalAt} is taken once, and no more.
 */
export class Stopwatch {
  /** Milliseconds of those that have ended, each timed duration standing for as many as were let pass. */
  total = 0;
  /** The durations that were timed. */
  readonly durations = new Histogram();
  /** One duration in this many is timed. */
  stride = 1;
  #untilNext = 1;
  #lastTimed = 0;
  /** Of the timed ones that have not ended: for how many they stand, and the sum of when these began. */
  #open = 0;
  #openedAt = 0;

  /**
   * When this duration begins, or 0 if it is not one of those timed. In its last three bits, far below what the clock can tell, is
   * for how many it stands, as a power of 2: when it ends, another stride may hold.
   */
  start(flow: Flow): number {
    if (--this.#untilNext > 0) return 0;
    const now = flow.now();
    const sinceLast = now - this.#lastTimed;
    this.#lastTimed = now;
    if (sinceLast < TOO_OFTEN) this.stride = Math.min(this.stride * 2, MAX_STRIDE);
    else if (sinceLast > TOO_SELDOM) this.stride = 1;
    this.#untilNext = this.stride;
    // Never 0, which is for those that are not timed.
    const ticks = Math.max(Math.round(now * TICKS), 1);
    this.#open += this.stride;
    this.#openedAt += (ticks / TICKS) * this.stride;
    return ticks * 8 + Math.log2(this.stride);
  }

  /** Ends a duration begun at `started`, as {@link Stopwatch.start} gave it. One that is not positive is not timed. */
  end(flow: Flow, started: number): void {
    if (started <= 0) return;
    const power = started % 8;
    const standsFor = 2 ** power;
    const began = (started - power) / (TICKS * 8);
    // Less than nothing for want of precision.
    const duration = Math.max(flow.now() - began, 0);
    this.durations.record(duration);
    this.total += duration * standsFor;
    this.#open -= standsFor;
    this.#openedAt -= began * standsFor;
    // Sums of times lose some of their precision: not for longer than anything is under way.
    if (this.#open <= 0) this.#open = this.#openedAt = 0;
  }

  /** Milliseconds in all, with those until `now` of what has not ended yet. */
  totalAt(now: number): number {
    return this.total + Math.max(this.#open * now - this.#openedAt, 0);
  }
}

/** Milliseconds between two timed durations. */
const TOO_OFTEN = 0.05;
const TOO_SELDOM = 5;
const MAX_STRIDE = 16;
/** How finely a beginning is noted: a millisecond in this many. */
const TICKS = 16_384;

/**
 * Counts durations in buckets of which four make an octave, from 1 µs to about 18 hours: any quantile is right within
 * 19 %, in a fixed 1 KiB. (The log-linear layout is that of HdrHistogram, https://hdrhistogram.org.)
 */
export class Histogram {
  count = 0;
  buckets: Uint32Array | undefined;

  /** Adds one duration in milliseconds, or several as long. */
  record(ms: number, times = 1): void {
    this.buckets ??= new Uint32Array(BUCKETS);
    const bucket = Math.min(Math.max(Math.ceil(Math.log2(ms * 1000) * 4), 0), BUCKETS - 1);
    this.buckets[bucket]! += times;
    this.count += times;
  }
}

const BUCKETS = 36 * 4;

// Functions, so that a program that prints no report, or drops nothing, does not have to carry them.

/** Has the times of a stage or source taken from now on. */
export function beginTiming(telemetry: Telemetry): void {
  telemetry.work ??= new Stopwatch();
  telemetry.heldBack ??= new Stopwatch();
}

/** Counts items that were given up, and why: one of a few words. */
export function countDropped(telemetry: Telemetry, reason: string, items = 1): void {
  telemetry.dropped += items;
  const reasons = (telemetry.droppedFor ??= new Map());
  reasons.set(reason, (reasons.get(reason) ?? 0) + items);
}

/** The duration in milliseconds that a share `q` (0 to 1) of all stayed within, or `undefined` if there are none. */
export function quantile({ buckets, count }: Histogram, q: number): number | undefined {
  if (buckets === undefined) return undefined;
  let rest = Math.ceil(q * count);
  let bucket = 0;
  while (bucket < buckets.length - 1 && (rest -= buckets[bucket]!) > 0) bucket++;
  return 2 ** (bucket / 4) / 1000;
}

/** Adds everything that `other` counted to `sum`. */
export function addUp(sum: Histogram, other: Histogram): void {
  if (other.buckets === undefined) return;
  const buckets = (sum.buckets ??= new Uint32Array(BUCKETS));
  other.buckets.forEach((n, i) => (buckets[i]! += n));
  sum.count += other.count;
}
