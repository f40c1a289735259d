import type { MonoTypeOperatorFunction } from 'rxjs';
import { Buffer, readOverflow, type BufferSettings, type Overflow } from '../core/buffer.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';

export type { Overflow };

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

function read<T>(options: BufferedOptions<T>): BufferSettings<T> {
  const reader = new OptionReader<BufferedOptions<T>>('buffered', options, [
    'capacity',
    'overflow',
    'onDrop',
    'name',
    'overflowLimit',
  ]);
  const overflow = readOverflow('buffered', reader, POLICIES, 'wait');
  return {
    ...overflow,
    name: reader.stageName('buffered'),
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
  };
}

const POLICIES = ['wait', 'dropOldest', 'dropNewest', 'latest', 'fail'] as const;
