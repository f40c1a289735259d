import { Observable } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { readDuration } from '../core/readers.ts';
import { readPeriod } from './readPeriod.ts';
import { Ticking } from './Ticking.ts';

/** One tick of a {@link ticker}. */
export interface Tick {
  /** Which tick it is, from 0. A number that is left out is a tick that was skipped. */
  readonly index: number;
  /** When it was due, in milliseconds after the subscription. */
  readonly scheduled: number;
  /** How many milliseconds after that it came. */
  readonly late: number;
}

/** The options of {@link ticker}. */
export interface TickerOptions {
  /** Milliseconds from tick to tick: 1 to 2147483647, also with a fraction. Required. */
  every: number;
  /**
   * What becomes of ticks whose time comes while the gate below is closed. `'skip'` (default): they never come, and the next
   * one comes at its own time. `'burst'`: they all come as soon as the gate opens, and then the next one at its own time.
   * `'delay'`: one comes as soon as the gate opens, and the time of all later ones is counted from that.
   */
  missed?: 'skip' | 'burst' | 'delay' | undefined;
  /** Milliseconds until the first tick: 0 to 2147483647. Default: `every`. */
  initial?: number | undefined;
  /**
   * With `'burst'`: how many ticks may come at once, an integer of 1 or more; of more than that only the last ones come. With 1
   * a late tick comes at once and the others stay in time, as with `time.Ticker` of Go. Default 100.
   */
  burst?: number | undefined;
  /** Names the source in the report: 1 to 200 printable characters. Default `'ticker'`. */
  name?: string | undefined;
}

/**
 * Ticks at a fixed rate that never drifts, and leaves out, makes up for or puts off the ticks that nobody wanted.
 *
 * ```
 * demand:        --------x-----------o--------------    ticker({ every: 6, missed }), o: gate opens, x: gate closes
 * skip:          ------0-----------------3-----4----
 * burst:         ------0-------------(12)3-----4----
 * delay:         ------0-------------1-----2-----3--
 * ```
 *
 * - **Emits** a {@link Tick} every so many milliseconds. Each has its time counted from the subscription, so a late one does
 *   not put off the next, unless `missed` is `'delay'`. If the event loop was busy for longer than one period, the ticks of
 *   that time count as missed too, but for the last one, which comes late.
 * - **Holds back**: no tick is made while the gate below is closed. It holds nothing, since a missed tick is only a number, and
 *   no timer runs meanwhile.
 * - **Completes** never, except at the graceful end of a `run`. End it with `take` or `takeUntil`.
 * - **Errors** never. Unsubscribing stops its timer.
 *
 * Ticks that were skipped count as dropped in the report.
 *
 * @example
 * ```ts
 * ticker({ every: 1000 / 60 }).pipe(workerPool(step, { capacity: 0 })); // a frame that takes too long costs frames, not time
 * ```
 *
 * A timer and two looks at the clock a tick. Below some 4 ms timers are coarse: what falls together counts as missed.
 *
 * @see `interval` of RxJS, which goes on ticking into a closed gate. {@link poll}, which calls a function and waits for its
 * answer. `MissedTickBehavior` of Tokio has the same three policies.
 * @param options See {@link TickerOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function ticker(options: TickerOptions): Observable<Tick> {
  const read = new OptionReader<TickerOptions>('ticker', options, ['every', 'missed', 'initial', 'burst', 'name']);
  const every = readPeriod(read, 'every');
  const missed = read.oneOf('missed', ['skip', 'burst', 'delay'], 'skip');
  const burst = read.count('burst', 1, 100, true);
  if (missed !== 'burst' && read.get('burst') !== undefined) {
    throw read.wrong('burst', "left out unless missed is 'burst'", read.get('burst'));
  }
  const settings = {
    name: read.stageName('ticker'),
    every,
    missed,
    burst,
    initial: readDuration(read, 'initial') ?? every,
  };
  return new Observable((subscriber) => new Ticking(settings, subscriber).below.start());
}
