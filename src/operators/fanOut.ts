import type { Observable, ObservableInput, OperatorFunction } from 'rxjs';
import { Buffer, readOverflow, type Overflow, type OverflowOptions } from '../core/buffer.ts';
import { outOfRange } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { checkCount, checkFunction, holds, isArrayOf, isFunction, OptionReader } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import { FanOut } from './fanOut/FanOut.ts';
import type { Route } from './fanOut/Router.ts';

/** The options of {@link fanOut}. */
export interface FanOutOptions<T> {
  /**
   * Which lane takes an item. `'free'` (default): the next that is free. `'roundRobin'`: each in its turn, so that one that is
   * not free makes all wait. `{ key }`: those of one key go to the same lane, which a hash of the key chooses. `'broadcast'`: every
   * lane is sent every item.
   */
  route?: Route<T> | undefined;
  /** How many items may wait in front of each lane: an integer of 1 or more, or `Infinity`. Default: none, but for the one that is next. */
  capacity?: number | undefined;
  /**
   * With `'broadcast'`: what happens to an item when so many wait in front of a lane; one policy, or one for each lane. Default `'wait'`: the
   * slowest lane holds the source back. All others but `'latest'` need `capacity`.
   */
  overflow?: Overflow<T> | readonly Overflow<T>[] | undefined;
  /** Called with every item given up, the policy that gave it up, and the lane. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'dropOldest' | 'dropNewest' | 'latest', lane: number) => void) | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'fanOut'`. */
  name?: string | undefined;
  /** How many items beyond its bound it takes from a source that cannot be paused, before it fails with an `OverflowError`. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Sends items several ways, each through a pipeline of its own, and merges what comes out of them.
 *
 * ```
 * source: ab-cd|         fanOut(2, (items$) => items$.pipe(workerPool(work, { capacity: 0 }))), where work takes three frames
 * lane 0: a--c
 * lane 1: -b--d
 * result: ---ab-c(d|)
 * ```
 *
 * - **Emits** whatever the lanes emit, as it comes.
 * - **Holds back** its source while the next item finds no lane: none is free (`'free'`), or the one that has to take it is not. With
 *   `'broadcast'` while any lane has not taken it, unless that lane has an overflow policy. A lane is free while the gate of its first stage
 *   is open; one without a stage while the gate below is. A lane that subscribes to its items several times sends each to all of them.
 * - **Completes** when all lanes have completed. When they have before the source, that is unsubscribed.
 * - **Errors** at once with its source and with any lane, which ends all.
 *
 * It holds one item; each lane holds `capacity`, and what its own stages hold.
 *
 * A lane that gives up its items early (`take`) or completes does not hold up the others: it is sent nothing more, its turn is left
 * out, and its keys go to other lanes, while all other keys stay where they are. When all have given up their items and some still
 * work, the source is held back until these complete.
 *
 * @example
 * ```ts
 * // Three lanes, each with a connection of its own.
 * rows$.pipe(fanOut(3, (rows$, i) => rows$.pipe(batch({ size: 100 }), forEach((rows) => connections[i].insert(rows)))));
 *
 * // Everything is stored; the screen shows what it can.
 * ticks$.pipe(
 *   fanOut(2, (ticks$, i) => ticks$.pipe(forEach(i === 0 ? store : show)), {
 *     route: 'broadcast',
 *     overflow: ['wait', 'latest'],
 *   }),
 * );
 * ```
 *
 * It looks at every lane for an item, at worst. To run one function for several items at once, `workerPool` is simpler and costs less.
 *
 * @see `workerPool`, which is one stage with several places; `keyed`, for any number of keys; `splitResults`, which sends values one way
 * and failures another; `share` of RxJS, which does not heed the gates of those it sends to.
 * @param lanes How many there are: an integer from 1 to 10000.
 * @param lane Is given the items of a lane and its index from 0, and says what becomes of them. Called once for each lane and subscription.
 * @param options See {@link FanOutOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function fanOut<T, R>(
  lanes: number,
  lane: (items$: Observable<T>, index: number) => ObservableInput<R>,
  options: FanOutOptions<T> = {},
): OperatorFunction<T, R> {
  if (checkCount('fanOut', 'lanes', lanes, 1) > MOST_LANES) {
    throw outOfRange('fanOut', 'lanes', `an integer from 1 to ${MOST_LANES}`, lanes);
  }
  checkFunction('fanOut', 'lane', lane);
  const read = new OptionReader<FanOutOptions<T>>('fanOut', options, [
    'route',
    'capacity',
    'overflow',
    'onDrop',
    'name',
    'overflowLimit',
  ]);
  const name = read.stageName('fanOut');
  const buffers = readBuffers(read, lanes, name);
  const settings = {
    name,
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
    route: readRoute(read),
    lanes: Array.from({ length: lanes }, (_, index) => {
      const buffer = buffers(index);
      if (buffer === undefined) return (items$: Observable<T>) => lane(items$, index);
      return (items$: Observable<T>) => lane(items$.pipe(buffer), index);
    }),
  };
  return operate((connection) => new FanOut<T, R>(connection, settings));
}

/** Each is made at the call. */
const MOST_LANES = 10_000;

function readRoute<T>(read: OptionReader<FanOutOptions<T>>): Route<T> {
  const route = read.get('route');
  const words = ['free', 'roundRobin', 'broadcast'] as const;
  if (typeof route !== 'object') return read.oneOf('route', words, 'free');
  // Read once: a getter may fail, or say something else the next time.
  let key: ((item: T) => unknown) | undefined;
  if (holds(() => isFunction((key = route.key)))) return { key: key! };
  throw read.wrong('route', `one of '${words.join("', '")}' or { key: a function }`, route);
}

/** Gives what makes the buffer in front of each lane, if it has one. */
function readBuffers<T>(read: OptionReader<FanOutOptions<T>>, lanes: number, name: string) {
  const given = read.get('overflow');
  const capacity = read.count('capacity', 1, undefined, true);
  const onDrop = readFunction(read, 'onDrop');
  if (given !== undefined && given !== 'wait' && read.get('route') !== 'broadcast') {
    throw read.wrong('route', `'broadcast' with this "overflow"`, read.get('route'));
  }
  const isList = isArrayOf(given, isPolicy<T>);
  if (isList && given.length !== lanes) {
    throw read.wrong('overflow', `one policy, or a list of ${lanes}, one for each lane`, given);
  }
  const policies = Array.from({ length: lanes }, (_, lane) => {
    const overflow = isList ? given[lane] : (given as Overflow<T> | undefined);
    if (capacity === undefined && (overflow === undefined || overflow === 'wait')) return undefined;
    const tell = onDrop && ((item: T, reason: 'dropOldest' | 'dropNewest' | 'latest') => onDrop(item, reason, lane));
    const options = { capacity: isList && overflow === 'latest' ? undefined : capacity, overflow, onDrop: tell };
    const reader = new OptionReader<OverflowOptions<T>>('fanOut', options, ['capacity', 'overflow', 'onDrop']);
    return { ...readOverflow('fanOut', reader, POLICIES, 'wait'), name: `${name}[${lane}]` };
  });
  return (lane: number) => {
    const settings = policies[lane];
    return settings && operate<T, T>((connection) => new Buffer(connection, settings));
  };
}

function isPolicy<T>(value: unknown): value is Overflow<T> {
  return POLICIES.includes(value as 'wait') || holds(() => isFunction((value as { merge: unknown }).merge));
}

const POLICIES = ['wait', 'dropOldest', 'dropNewest', 'latest', 'fail'] as const;
