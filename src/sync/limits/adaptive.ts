import { outOfRange } from '../../core/errors.ts';
import type { Limit } from '../../core/limit.ts';
import { OptionReader } from '../../core/options.ts';
import { readFunction, readNumber, readPositive } from '../../core/readers.ts';
import type { AdaptiveSettings } from './AdaptiveLimit.ts';
import { Aimd } from './Aimd.ts';
import { Vegas } from './Vegas.ts';

/** The options of {@link adaptive}. */
export interface AdaptiveOptions {
  /**
   * How the number is found. `'vegas'` (default): from how much longer work takes than without load. `'aimd'`: one more for each round
   * that goes well, and a share less after a failure; for work that fails, or exceeds `slowAfter`, when there is too much of it.
   */
  algorithm?: 'aimd' | 'vegas' | undefined;
  /** The fewest items that may run at once: an integer of 1 or more. Default 1. */
  min?: number | undefined;
  /** The most items that may run at once: an integer of `min` or more. Default 200. */
  max?: number | undefined;
  /** How many may run at first: an integer from `min` to `max`. Default 10, or the nearest to it that may be. */
  initial?: number | undefined;
  /** From how many milliseconds on an item counts as failed by overload: more than 0. It is not ended by that. Default: any time is right. */
  slowAfter?: number | undefined;
  /** What is left of the number after a failure: more than 0 and less than 1. Default 0.9 for `'vegas'`, 0.5 for `'aimd'`. */
  backoff?: number | undefined;
  /** Says whether a failure is one of overload. Any other changes nothing. Default: every failure is. What it throws ends the stage. */
  isOverload?: ((error: unknown) => boolean) | undefined;
}

/**
 * Makes a limit that finds for itself how many items may run at once, from how long they take and whether they fail.
 *
 * ```
 * items:   sssssssxsx     adaptive({ algorithm: 'aimd', initial: 2, max: 4 }); s: succeeds, x: fails
 * current: 2233344221     after each item, while all places are in use
 * ```
 *
 * - **Grows** while the work does not queue where it is done (`'vegas'`), or does not fail (`'aimd'`), and only while at least four
 *   fifths of it are in use: without work it stays where it is.
 * - **Falls** when the work queues (`'vegas'`), by steps that are larger the longer the queue is; and by the factor `backoff` after
 *   a failure, once for all items that were under way together.
 * - **Never** leaves `min` to `max`. With `'vegas'` it stays bounded by what the other side can do: under overload it settles a few
 *   items above the number that are really worked on at once, and follows when that, or the time that the work takes, changes.
 *   `'aimd'` needs failures or `slowAfter` for that, and grows to `max` without.
 *
 * `'vegas'` has to know how long an item takes without load. To look, it goes down to a quarter for a moment, each fifty rounds and
 * whenever it has lost half of what it had; so what it takes for the time without load cannot drift up with the load. As a second guard
 * it notes whether work takes longer in proportion to how much of it runs: then more of it brings nothing, and what was
 * grown is taken back. Looking costs about 4 % of the throughput.
 *
 * @example
 * ```ts
 * urls$.pipe(workerPool(fetchText, { concurrency: adaptive({ max: 100 }) }));
 *
 * rows$.pipe(forEach(save, { concurrency: adaptive({ algorithm: 'aimd', slowAfter: 500, isOverload: (e) => e.status === 503 }) }));
 * ```
 *
 * Measuring costs about a microsecond an item. It is of use where the other side has a capacity that is not known, or changes:
 * a service, a database. For work on this machine, and where you know the number, give the number. Items that differ widely in how
 * long they take by nature make `'vegas'` cautious.
 *
 * The algorithms are TCP's congestion control applied to requests: additive increase, multiplicative decrease (D.-M. Chiu and R. Jain
 * 1989), and TCP Vegas (L. Brakmo and L. Peterson 1995) with the constants of `VegasLimit` in Netflix' concurrency-limits
 * (https://github.com/Netflix/concurrency-limits). The drift under overload, and that the covariance of load and throughput shows it, are
 * described in Uber's "Cinnamon Auto-Tuner: Adaptive Concurrency in the Wild" (2023); to go down in order to see the time without load is what TCP
 * BBR does (N. Cardwell and others 2016).
 *
 * @see `fixedLimit`, which stays as it is; an Observable as `concurrency`, where you know when to change it; `Limit`, to write one of your own.
 * @param options See {@link AdaptiveOptions}.
 * @returns A limit for one stage. Stages that share one learn together, and each may run as many.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function adaptive(options: AdaptiveOptions = {}): Limit {
  const read = new OptionReader<AdaptiveOptions>('adaptive', options, [
    'algorithm',
    'min',
    'max',
    'initial',
    'slowAfter',
    'backoff',
    'isOverload',
  ]);
  const algorithm = read.oneOf('algorithm', ['aimd', 'vegas'], 'vegas');
  const isAimd = algorithm === 'aimd';
  const share = readNumber(read, 'backoff', 'a number of more than 0 and less than 1', (it) => it > 0 && it < 1);
  const settings: AdaptiveSettings = {
    ...readBounds(read),
    backoff: share ?? (isAimd ? 0.5 : 0.9),
    slowAfter: readPositive(read, 'slowAfter') ?? Infinity,
    isOverload: readFunction(read, 'isOverload') ?? (() => true),
  };
  return isAimd ? new Aimd(settings) : new Vegas(settings);
}

function readBounds(read: OptionReader<AdaptiveOptions>): { min: number; max: number; initial: number } {
  const min = read.count('min', 1, 1);
  const max = read.count('max', 1, Math.max(200, min));
  if (max < min) throw outOfRange('adaptive', 'max', `an integer of ${min} (which is "min") or more`, max);
  const initial = read.count('initial', 1, Math.min(Math.max(10, min), max));
  if (initial < min || initial > max) {
    throw outOfRange('adaptive', 'initial', `an integer from ${min} to ${max} (which are "min" and "max")`, initial);
  }
  return { min, max, initial };
}
