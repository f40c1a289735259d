import type { OperatorFunction } from 'rxjs';
import { execute, type StageOutput } from '../core/execute.ts';
import { operatePool, readPool, STAGE_OPTIONS } from '../core/operatePool.ts';
import { nameOf } from '../core/nameOf.ts';
import { checkFunction, OptionReader, type Result, type StageOptions } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import type { ItemContext } from '../core/slot.ts';
import { KeyedPool, type KeyedSettings } from './keyed/KeyedPool.ts';

/** The options of {@link keyed}. */
export interface KeyedOptions<T> extends StageOptions<T> {
  /** How many items of one key may run at once: an integer of 1 or more. Default 1, so that they run one after the other. */
  perKey?: number | undefined;
  /**
   * How many items of one key may wait while `perKey` of them run, or have their turn next: an integer of 0 or more, or `Infinity`.
   * Default `Infinity`: then only `capacity` bounds them.
   */
  maxWaitingPerKey?: number | undefined;
  /**
   * What happens to an item that is more than `maxWaitingPerKey`. `'wait'` (default): it holds the source back until its key has room,
   * and so all other keys with it. `'dropNewest'`: it is given up. `'dropOldest'`: the oldest that waits of its key is given up for it (it
   * itself, where none waits). `'fail'`: the stage fails with an `OverflowError`. All but `'wait'` need `maxWaitingPerKey`.
   */
  overflow?: 'wait' | 'dropNewest' | 'dropOldest' | 'fail' | undefined;
  /** Called with every item given up, and why. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'dropNewest' | 'dropOldest') => void) | undefined;
}

/**
 * Runs a function for each item, those of one key one after the other and in their order, those of different keys at once.
 *
 * ```
 * source: abA-|            keyed(lowerCase, (x) => timer(3).pipe(map(() => x)), { concurrency: 2 })
 * result: ---ab-(A|)
 * ```
 *
 * - **Emits** what `fn` gives, as `workerPool` does; as it comes, or with `order: 'input'` in the order of the items.
 * - **Holds back** its source while it holds `concurrency + capacity` items, and with `overflow: 'wait'` while an item waits for room in
 *   its key's line. While the gate below it is closed it starts nothing new.
 * - **Completes** when its source has completed and everything has left.
 * - **Errors** at once with its source, and with what `key` throws. When `fn` throws or its result fails, `onError` decides.
 *
 * It holds at most `concurrency + capacity` items, and of each key no more than `perKey + maxWaitingPerKey` that have not ended. Keys
 * with an item to begin take turns, one item each, so that none waits longer because another has many. A key is forgotten as soon as
 * it has no item left, so that their number does not matter.
 *
 * A key with more work than others takes no more than `perKey` places to run. But without `maxWaitingPerKey` its items may fill
 * the whole `capacity`, and then all keys wait. Give it, and an `overflow` policy that drops, where one key must not slow the others down.
 *
 * @example
 * ```ts
 * events$.pipe(keyed((event) => event.room, (event) => rooms.handle(event), { concurrency: 16 }));
 *
 * messages$.pipe(
 *   keyed((message) => message.client, handle, { concurrency: 8, maxWaitingPerKey: 10, overflow: 'dropOldest', onDrop: () => lost++ }),
 * );
 * ```
 *
 * It costs a look into a `Map` and some 100 ns an item more than `workerPool`. Given an item that is dropped with `order: 'input'`, it
 * searches all that it holds.
 *
 * @see `workerPool`, where keys play no part. `groupBy` of RxJS with `concatMap`, which keeps every key for ever and takes all that its
 * source gives. `fanOut` with `{ key }`, which has a fixed number of lanes with stages of their own.
 * @param key Gives the key of an item: any value, compared as in a `Map`. Called once for each item.
 * @param fn Called once for each item, with the item and its {@link ItemContext}.
 * @param options See {@link KeyedOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function keyed<T, R>(
  key: (item: T) => unknown,
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: KeyedOptions<T> & { onError: 'emit' },
): OperatorFunction<T, Result<R, T>>;
export function keyed<T, R>(
  key: (item: T) => unknown,
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options?: KeyedOptions<T>,
): OperatorFunction<T, R>;
export function keyed<T, R>(
  key: (item: T) => unknown,
  fn: (item: T, context: ItemContext) => StageOutput<R>,
  options: KeyedOptions<T> = {},
): OperatorFunction<T, R> {
  checkFunction('keyed', 'key', key);
  checkFunction('keyed', 'fn', fn);
  const read = new OptionReader<KeyedOptions<T>>('keyed', options, [...STAGE_OPTIONS, ...OWN_OPTIONS]);
  const settings = readSettings(read, key, nameOf(fn));
  const executor = execute<T, R>(fn);
  return operatePool('keyed', read.get('concurrency'), (connection) => new KeyedPool(connection, settings, executor));
}

const OWN_OPTIONS = ['perKey', 'maxWaitingPerKey', 'overflow', 'onDrop'] as const;

function readSettings<T>(
  read: OptionReader<KeyedOptions<T>>,
  key: (item: T) => unknown,
  name: string,
): KeyedSettings<T> {
  const policy = read.oneOf('overflow', ['wait', 'dropNewest', 'dropOldest', 'fail'], 'wait');
  const given = read.get('maxWaitingPerKey');
  const maxWaitingPerKey = read.count('maxWaitingPerKey', 0, Infinity, true);
  if (policy !== 'wait' && given === undefined) {
    throw read.wrong('maxWaitingPerKey', `given together with overflow '${policy}'`, given);
  }
  return {
    ...readPool<T>(read, name),
    key,
    perKey: read.count('perKey', 1, 1, true),
    maxWaitingPerKey,
    policy,
    onDrop: readFunction(read, 'onDrop'),
  };
}
