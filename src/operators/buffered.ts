import type { MonoTypeOperatorFunction } from 'rxjs';
import { OverflowError, outOfRange } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { Ring } from '../core/ring.ts';
import { Stage, type Connection } from '../core/stage.ts';

/**
 * What a full buffer does with one item more: hold its source back, give up the oldest or the newest item, keep only the
 * latest, fail, or make the newest two into one.
 */
export type Overflow<T> = 'wait' | 'dropOldest' | 'dropNewest' | 'latest' | 'fail' | { merge: (held: T, next: T) => T };

/** The options of {@link buffered}. */
export interface BufferedOptions<T> {
  /**
   * How many items it may hold: an integer of 1 or more, or `Infinity`. Required, except with `overflow: 'latest'`, which
   * holds 1.
   */
  capacity?: number | undefined;
  /** What happens to an item that arrives while the buffer is full. Default `'wait'`. */
  overflow?: Overflow<T> | undefined;
  /** Called with every item given up and the policy that gave it up. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'dropOldest' | 'dropNewest' | 'latest') => void) | undefined;
  /** Names the stage in errors and the report. Default `'buffered'`. */
  name?: string | undefined;
  /** With `'wait'`: how many items beyond `capacity` it takes from a source that cannot be paused. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Holds items between two stages, so that they need not keep step.
 *
 * ```
 * source: abcd|        buffered({ capacity: 2, overflow: 'dropOldest' })
 * demand: x----o|      o: gate opens, x: gate closes
 * result: -----(cd)|
 * ```
 *
 * - **Emits** the oldest item whenever the gate below is open; at once if it is open when the item arrives.
 * - **Holds back** its source while it holds `capacity` items, with `overflow: 'wait'`; with any other policy never.
 * - **Completes** when its source has completed and everything held has left.
 * - **Errors** at once with its source, and with an `OverflowError` under `'fail'` or beyond `overflowLimit`.
 *
 * Every item is given on, given up and counted, or merged: none disappears.
 *
 * @example
 * ```ts
 * ticks$.pipe(buffered({ capacity: 100, overflow: 'dropOldest', onDrop: () => lost++ }), workerPool(store));
 * ```
 *
 * @see `capacity` of `workerPool`, which holds items before that stage without a stage of their own.
 * @param options See {@link BufferedOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function buffered<T>(options: BufferedOptions<T>): MonoTypeOperatorFunction<T> {
  const settings = read(options);
  return operate((connection) => new Buffer<T>(connection, settings));
}

type Settings<T> = ReturnType<typeof read<T>>;

function read<T>(options: BufferedOptions<T>) {
  const reader = new OptionReader<BufferedOptions<T>>('buffered', options, [
    'capacity',
    'overflow',
    'onDrop',
    'name',
    'overflowLimit',
  ]);
  const overflow = reader.get('overflow');
  let merge: ((held: T, next: T) => T) | undefined;
  let policy: Exclude<Overflow<T>, object> | 'merge' = 'merge';
  if (typeof overflow === 'object' && overflow !== null && typeof overflow.merge === 'function') merge = overflow.merge;
  else if (typeof overflow === 'object')
    throw reader.wrong('overflow', `one of ${POLICIES.join(', ')} or { merge: a function }`, overflow);
  else policy = reader.oneOf('overflow', POLICIES, 'wait');
  const capacity = reader.count('capacity', 1, policy === 'latest' ? 1 : NaN, true);
  if (policy === 'latest' && capacity !== 1) {
    throw outOfRange('buffered', 'capacity', "1 or left out with overflow 'latest'", capacity);
  }
  if (Number.isNaN(capacity)) throw reader.wrong('capacity', 'given: an integer of 1 or more, or Infinity', undefined);
  return {
    name: reader.stageName('buffered'),
    bound: capacity,
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
    policy,
    merge,
    onDrop: reader.fn('onDrop'),
  };
}

const POLICIES = ['wait', 'dropOldest', 'dropNewest', 'latest', 'fail'] as const;

class Buffer<T> extends Stage<T, T> {
  readonly #settings: Settings<T>;
  /** Items to be merged: more than one only if the merge function sends some itself. */
  readonly #toMerge = new Ring<T>();
  #merging = false;

  constructor(connection: Connection<T>, settings: Settings<T>) {
    // With a policy of its own the buffer never holds its source back, so its gate has no bound to close at.
    super(connection, settings.policy === 'wait' ? settings : { ...settings, bound: Infinity, definition: settings });
    this.#settings = settings;
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }

  override next(item: T): void {
    const { policy, bound, merge } = this.#settings;
    if (this.ended || policy === 'wait' || this.waiting.length < bound) return super.next(item);
    if (policy === 'merge') this.#merge(item, merge!);
    else if (policy === 'fail') {
      this.telemetry.in++;
      this.telemetry.failed++;
      const advice = "Its reader is too slow: choose another overflow policy than 'fail', or a larger capacity.";
      this.fail(new OverflowError(this.name, bound + 1, bound, advice));
    } else if (policy === 'dropNewest') {
      this.telemetry.in++;
      this.#drop(item, policy);
    } else {
      const oldest = this.waiting.shift() as T;
      super.next(item);
      this.#drop(oldest, policy);
    }
  }

  /** What the merge function itself sends, or lets go by opening the gate below, has its turn after it. */
  #merge(item: T, merge: (held: T, next: T) => T): void {
    this.#toMerge.push(item);
    if (this.#merging) return;
    const { draining } = this;
    this.draining = this.#merging = true;
    try {
      while (this.#toMerge.length > 0 && !this.ended) {
        const next = this.#toMerge.shift() as T;
        this.waiting.changeLast((held) => merge(held, next));
        this.telemetry.in++;
        this.telemetry.merged++;
      }
    } finally {
      this.#merging = false;
      this.draining = draining;
    }
    this.drain();
  }

  #drop(item: T, reason: 'dropOldest' | 'dropNewest' | 'latest'): void {
    this.telemetry.dropped++;
    this.#settings.onDrop?.(item, reason);
  }
}
