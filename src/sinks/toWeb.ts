import type { Observable } from 'rxjs';
import { outOfRange, wrongType } from '../core/errors.ts';
import { holds, OptionReader } from '../core/options.ts';
import { checkSource } from './pull/checkSource.ts';
import { PullFlow } from './pull/PullFlow.ts';
import { PullStage } from './pull/PullStage.ts';

/** The options of {@link toWeb}. */
export interface ToWebOptions<T> {
  /**
   * How much the stream fetches ahead, as every web stream takes it (`CountQueuingStrategy`, `ByteLengthQueuingStrategy` or
   * an object): until the sizes of its items, 1 each without `size`, come to `highWaterMark`, a number of 0 or more.
   * Default 0: an item is made when it is read. With more, the source is subscribed as soon as the stream is made.
   */
  strategy?: { highWaterMark?: number; size?: (item: T) => number } | undefined;
  /** Names the stage in errors and warnings. Default `'toWeb'`. */
  name?: string | undefined;
  /**
   * How many items beyond its bound it takes from a source that cannot be paused, before it fails with an
   * `OverflowError`. Default 1,000,000.
   */
  overflowLimit?: number | undefined;
}

/**
 * Makes a flow a web `ReadableStream`.
 *
 * ```
 * read:   -r--r----r-r       r: read() is called
 * source: -a--b----c-|
 * given:  -a--b----c-|
 * ```
 *
 * - **Gives** every item, in order, falsy ones included. It subscribes once, when the stream first asks for an item: when it
 *   is first read, unless the strategy has it fetch ahead.
 * - **Holds back** its source while nothing is being read and the strategy wants no more.
 * - **Ends** after the last item has been read. `cancel()` unsubscribes at once, and settles when everything is released;
 *   RxJS has no place for the reason that it is given.
 * - **Errors** at once with that of its source, as web streams do: what was fetched ahead and not read is lost.
 *
 * It holds nothing by itself; the stream holds what its strategy allows, and of items of a size one beyond.
 *
 * @example
 * ```ts
 * const bytes$ = rows$.pipe(encodeNdjson(), map((line) => new TextEncoder().encode(line)));
 * return new Response(toWeb(bytes$), { headers: { 'content-type': 'application/x-ndjson' } });
 * ```
 *
 * Runs in a browser, too. Costs what a web stream costs, about two microseconds an item: send larger pieces.
 *
 * @see `toReadable`, the same for Node.js streams, which are faster.
 * @param source The flow.
 * @param options See {@link ToWebOptions}.
 * @throws TypeError if `source` is no Observable; TypeError or RangeError if an option is wrong.
 */
export function toWeb<T>(source: Observable<T>, options: ToWebOptions<T> = {}): ReadableStream<T> {
  checkSource('toWeb', source);
  const read = new OptionReader<ToWebOptions<T>>('toWeb', options, ['strategy', 'name', 'overflowLimit']);
  const strategy = checkStrategy(read);
  const settings = {
    name: read.stageName('toWeb'),
    capacity: 0,
    overflowLimit: read.count('overflowLimit', 0, 1_000_000, true),
  };
  let isWanted = false;
  let controller!: ReadableStreamDefaultController<T>;
  const room = (): number => controller.desiredSize ?? 0;
  const flow = new PullFlow();
  const stage = new PullStage<T>(source, settings, flow, {
    get wants(): number {
      if (!isWanted) return 0;
      return strategy.size === undefined ? Math.max(Math.ceil(room()), 1) : 1;
    },
    take(item) {
      // The stream may ask for another before `enqueue` returns.
      isWanted = false;
      controller.enqueue(item);
      if (room() > 0) isWanted = true;
    },
    ended: () => controller.close(),
    failed: (error) => controller.error(error),
  });
  return new ReadableStream<T>(
    {
      start: (given) => void (controller = given),
      pull() {
        isWanted = true;
        stage.pull();
      },
      cancel() {
        stage.stop();
        return flow.released();
      },
    },
    strategy,
  );
}

function checkStrategy<T>(read: OptionReader<ToWebOptions<T>>): { highWaterMark: number; size?: (item: T) => number } {
  const strategy: unknown = read.get('strategy');
  if (strategy === undefined) return { highWaterMark: 0 };
  if (!isStrategy(strategy)) throw read.wrong('strategy', 'an object with "highWaterMark", "size" or both', strategy);
  // Those of the platform have both on their prototype.
  const { highWaterMark = 0, size } = strategy;
  const rule = 'a number of 0 or more';
  if (typeof highWaterMark !== 'number') throw wrongType('toWeb', 'strategy.highWaterMark', rule, highWaterMark);
  if (!(highWaterMark >= 0)) throw outOfRange('toWeb', 'strategy.highWaterMark', rule, highWaterMark);
  if (size === undefined) return { highWaterMark };
  if (typeof size !== 'function') throw wrongType('toWeb', 'strategy.size', 'a function', size);
  return { highWaterMark, size: size as (item: T) => number };
}

function isStrategy(value: unknown): value is { highWaterMark?: unknown; size?: unknown } {
  return typeof value === 'object' && value !== null && holds(() => 'highWaterMark' in value || 'size' in value);
}
