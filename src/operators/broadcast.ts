import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { Hub } from './broadcast/Hub.ts';

/** The options of {@link broadcast}. */
export interface BroadcastOptions {
  /** How many items may wait for each subscriber: an integer of 1 or more. The larger, the further a fast one may run ahead. Default 1. */
  capacity?: number | undefined;
  /** With how many subscribers it begins: an integer of 1 or more. It goes on with fewer. Default 1. */
  subscribers?: number | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'broadcast'`. */
  name?: string | undefined;
  /** How many items beyond the one that it may hold it takes from a source that cannot be paused. Default 1,000,000. */
  overflowLimit?: number | undefined;
}

/**
 * Lets several subscribers share one subscription of the source, which the slowest of them holds back.
 *
 * ```
 * source: [a, b, c]       broadcast({ subscribers: 2 })
 * demand: x--o-----       o: gate of the second opens, x: closes
 * first:  a--(bc|)
 * second: ---(abc|)
 * ```
 *
 * - **Emits** every item to all who are subscribed when it is sent. Each has a gate of its own below it; one that subscribes later
 *   gets what comes from then on.
 * - **Holds back** its source while `capacity` items wait for any one subscriber and another has come. A subscriber that leaves, by whatever
 *   end, holds nothing back any more.
 * - **Subscribes** to its source with the first subscriber, or the one that makes them `subscribers`, and unsubscribes with the last.
 * - **Completes** each subscriber when the source has completed and its items have left.
 * - **Errors** all of them at once with its source.
 *
 * It holds at most one item, and `capacity` for each subscriber. When the source has ended, or the last has left, the next subscriber
 * begins anew: nothing is replayed, and the source is subscribed again.
 *
 * @example
 * ```ts
 * const lines$ = lines('events.log').pipe(broadcast({ subscribers: 2 }));
 * merge(lines$.pipe(workerPool(index)), lines$.pipe(filter(isError), toFile('errors.log'))).subscribe();
 * ```
 *
 * A source that emits while it is being subscribed, such as an array, goes to the first subscriber alone if that is not held back: say
 * how many `subscribers` there will be.
 *
 * @see `share` of RxJS, which sends everything to everyone, so that a slow one overruns. {@link splitResults}, for two ways of which each
 * gets a part.
 * @param options See {@link BroadcastOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function broadcast<T>(options: BroadcastOptions = {}): MonoTypeOperatorFunction<T> {
  const reader = new OptionReader<BroadcastOptions>('broadcast', options, [
    'capacity',
    'subscribers',
    'name',
    'overflowLimit',
  ]);
  const name = reader.stageName('broadcast');
  const settings = {
    name,
    subscribers: reader.count('subscribers', 1, 1),
    overflowLimit: reader.count('overflowLimit', 0, 1_000_000, true),
    seat: { name: `${name} (subscriber)`, bound: reader.count('capacity', 1, 1) },
  };
  return (source) => {
    let current: Hub<T> | undefined;
    return new Observable<T>((out) => {
      if (current === undefined) {
        const hub = new Hub<T>(source, settings, () => {
          if (current === hub) current = undefined;
        });
        current = hub;
      }
      current.enter(out);
    });
  };
}
