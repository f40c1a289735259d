import type { MonoTypeOperatorFunction } from 'rxjs';
import { wrongType } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { checkCount, isOptions, OptionReader } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import { checkDuration } from './checkDuration.ts';
import { Shedder, type ShedderSettings } from './shed/Shedder.ts';

/** The limits of {@link shed}: at least one. */
export interface ShedLimits {
  /** How many milliseconds the oldest item may wait: 0 to 2147483647. Default: any time. */
  maxAge?: number | undefined;
  /** How many items may wait: an integer of 1 or more, or `Infinity`. Default 1,000. */
  maxDepth?: number | undefined;
  /** How many milliseconds the event loop may be late: 0 to 2147483647. It is measured every 20 ms. Default: it is not measured. */
  maxLoopDelay?: number | undefined;
}

/** The options of {@link shed}. */
export interface ShedOptions<T> {
  /** The limits beyond which items are given up. */
  when: ShedLimits;
  /**
   * Which item goes. `'newest'` (default): the one that arrives, so that its sender can be told at once. `'oldest'`: the one that
   * has waited longest, and with `maxAge` every item that has waited so long, also while no other arrives.
   */
  drop?: 'newest' | 'oldest' | undefined;
  /** Called with every item given up, and the limit that it was given up for. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'maxAge' | 'maxDepth' | 'maxLoopDelay') => void) | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'shed'`. */
  name?: string | undefined;
}

/**
 * Gives items up early while there is more to do than can be done in time, so that those which are taken are served in time.
 *
 * ```
 * source: abcd-----|      shed({ when: { maxDepth: 2 } })
 * demand: x----o----      o: gate opens, x: gate closes
 * result: -----(ab)|      given up: c, d
 * ```
 *
 * - **Emits** the oldest item whenever the gate below is open; at once if it is open when the item arrives.
 * - **Gives up** an item that arrives, or the oldest one (`drop`), while the oldest has waited `maxAge` milliseconds, `maxDepth` items
 *   wait, or the event loop is more than `maxLoopDelay` milliseconds late, even if the gate below is open. Each is counted as dropped and
 *   told to `onDrop`.
 * - **Holds back** its source never.
 * - **Completes** when its source has completed and everything held has left.
 * - **Errors** at once with its source, and with what `onDrop` throws.
 *
 * It holds at most `maxDepth` items.
 *
 * @example
 * ```ts
 * requests$.pipe(
 *   shed({ when: { maxAge: 200, maxLoopDelay: 50 }, onDrop: (request) => request.reply(503) }),
 *   workerPool(serve, { concurrency: 20, capacity: 0 }),
 * );
 * ```
 *
 * Give the stage below little `capacity`: what waits there has left this queue. With `maxLoopDelay` a timer runs for as long as the
 * subscription lasts.
 *
 * @see {@link buffered}, which gives items up by their number alone and can hold its source back: it evens out a burst, while this keeps
 * an overload short. {@link rateLimit}, which goes by a fixed rate and knows nothing of the load.
 * @param options See {@link ShedOptions}.
 * @throws TypeError or RangeError if an option is wrong, or no limit is given.
 */
export function shed<T>(options: ShedOptions<T>): MonoTypeOperatorFunction<T> {
  const settings = read(options);
  return operate((connection) => new Shedder<T>(connection, settings));
}

function read<T>(options: ShedOptions<T>): ShedderSettings<T> {
  const reader = new OptionReader<ShedOptions<T>>('shed', options, ['when', 'drop', 'onDrop', 'name']);
  const when: unknown = reader.get('when');
  const rule = `an object with one or more of ${LIMITS.join(', ')}`;
  if (!isOptions(when)) throw wrongType('shed', 'when', rule, when);
  const limits = new OptionReader<ShedLimits>('shed', when, LIMITS);
  const [maxAge, maxDepth, maxLoopDelay] = LIMITS.map((limit) => limits.get(limit));
  if (maxAge === undefined && maxDepth === undefined && maxLoopDelay === undefined) {
    throw wrongType('shed', 'when', rule, when);
  }
  return {
    name: reader.stageName('shed'),
    maxAge: maxAge === undefined ? undefined : checkDuration('shed', 'when.maxAge', maxAge),
    maxDepth: maxDepth === undefined ? 1_000 : checkCount('shed', 'when.maxDepth', maxDepth, 1, true),
    maxLoopDelay: maxLoopDelay === undefined ? undefined : checkDuration('shed', 'when.maxLoopDelay', maxLoopDelay),
    drop: reader.oneOf('drop', ['newest', 'oldest'], 'newest'),
    onDrop: readFunction(reader, 'onDrop'),
  };
}

const LIMITS = ['maxAge', 'maxDepth', 'maxLoopDelay'] as const;
