import { checkCount, OptionReader } from '../../core/options.ts';
import { checkNumber, readPositive } from '../../core/readers.ts';
import { checkShare } from './checkShare.ts';

/** The options of {@link usl}. */
export interface UslOptions {
  /** How many work at once: an integer of 1 or more. Required. */
  concurrency: number;
  /** Which part of the work has to wait for its turn (a lock, one connection): a number from 0 to 1. Required. */
  contention: number;
  /** What it costs that each two have to agree with each other, as a part of the work: a finite number of 0 or more. Required. */
  coherency: number;
  /** What one alone gets done, in any unit, such as items per second: a finite number of more than 0. Default 1. */
  rate?: number | undefined;
}

/** What {@link usl} says. */
export interface UslResult {
  /** What is done at this concurrency, in the unit of `rate`. */
  readonly throughput: number;
  /** Where throughput is greatest. Without `coherency` it only ever grows: then `concurrency` is `Infinity`. */
  readonly peak: { readonly concurrency: number; readonly throughput: number };
}

/**
 * Says how much gets done at some concurrency, and at which one it is most: beyond that, more workers get less done.
 *
 * ```
 * concurrency: 1     2     4     8     12    24    48      contention: 0.05, coherency: 0.006
 * throughput:  1.00  1.88  3.27  4.74  5.12  4.39  2.84    the peak is at 13
 * ```
 *
 * Gunther's universal scalability law: `rate × n / (1 + contention × (n - 1) + coherency × n × (n - 1))`, with its peak next
 * to `√((1 - contention) / coherency)`. With no coherency it is Amdahl's law, with `1 - contention` for the part that can be
 * divided.
 *
 * @example
 * ```ts
 * const { throughput, peak } = usl({ concurrency: 24, contention: 0.05, coherency: 0.006, rate: 100 });
 * console.log(Math.round(throughput), peak.concurrency); // 439 13
 * ```
 *
 * The two coefficients come from measuring the system at several concurrencies; this does not fit them.
 *
 * @see {@link amdahl}, for cores that need nothing of each other. N. J. Gunther, Guerrilla Capacity Planning, 2007.
 * @param options See {@link UslOptions}.
 * @throws TypeError or RangeError if an option is wrong.
 */
export function usl(options: UslOptions): UslResult {
  const read = new OptionReader<UslOptions>('usl', options, ['concurrency', 'contention', 'coherency', 'rate']);
  const concurrency = checkCount('usl', 'concurrency', read.get('concurrency'), 1);
  const contention = checkShare('usl', 'contention', read.get('contention'));
  const rule = 'a finite number of 0 or more';
  const coherency = checkNumber('usl', 'coherency', read.get('coherency'), rule, (it) => it >= 0 && it < Infinity);
  const rate = readPositive(read, 'rate') ?? 1;

  const at = (n: number): number => (rate * n) / (1 + contention * (n - 1) + coherency * n * (n - 1));
  return { throughput: at(concurrency), peak: peak() };

  function peak(): UslResult['peak'] {
    // Without coherency the curve has no summit, unless it is flat from the first on.
    if (coherency === 0 && contention < 1) return { concurrency: Infinity, throughput: rate / contention };
    const below = contention === 1 ? 1 : Math.max(1, Math.floor(Math.sqrt((1 - contention) / coherency)));
    const best = at(below + 1) > at(below) ? below + 1 : below;
    return { concurrency: best, throughput: at(best) };
  }
}
