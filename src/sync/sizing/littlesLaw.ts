import { wrongType } from '../../core/errors.ts';
import { OptionReader } from '../../core/options.ts';
import { readPositive } from '../../core/readers.ts';

/** The options of {@link littlesLaw}: two of the three. */
export interface LittlesLawOptions {
  /** How many items are done in a second: a finite number of more than 0. */
  rate?: number | undefined;
  /** How long one takes from beginning to end, in milliseconds: a finite number of more than 0. */
  latency?: number | undefined;
  /** How many are under way at once: a finite number of more than 0. */
  inFlight?: number | undefined;
}

/** What {@link littlesLaw} gives: all three, in the units of its options. */
export interface LittlesLawResult {
  readonly rate: number;
  readonly latency: number;
  readonly inFlight: number;
}

/**
 * Gives the third of rate, latency and number in flight, from any two of them.
 *
 * ```
 * in flight = rate × latency        a, b, c, d: items of 4 ms each, one begins every 2 ms
 * a: [--]                           500 a second × 0.004 s
 * b:   [--]                         = 2 in flight
 * c:     [--]
 * ```
 *
 * Little's law. It holds for the averages of anything in which as much arrives as leaves, whatever the order and however the
 * times are spread.
 *
 * @example
 * ```ts
 * littlesLaw({ rate: 200, latency: 50 }).inFlight; // 10: the concurrency that 200 requests a second of 50 ms need
 * littlesLaw({ inFlight: 10, latency: 50 }).rate; // 200: what a concurrency of 10 can do
 * littlesLaw({ inFlight: 10, rate: 100 }).latency; // 100: how long each has been under way, waiting included
 * ```
 *
 * @see {@link poolSize}, which makes a whole number of it. J. D. C. Little, Operations Research 9 (3), 1961.
 * @param options See {@link LittlesLawOptions}.
 * @returns All three.
 * @throws TypeError or RangeError if an option is wrong, or not just two are given.
 */
export function littlesLaw(options: LittlesLawOptions): LittlesLawResult {
  const read = new OptionReader<LittlesLawOptions>('littlesLaw', options, ['rate', 'latency', 'inFlight']);
  const rate = readPositive(read, 'rate');
  const latency = readPositive(read, 'latency');
  const inFlight = readPositive(read, 'inFlight');
  if (rate !== undefined && latency !== undefined && inFlight === undefined) {
    return { rate, latency, inFlight: (rate * latency) / 1000 };
  }
  if (rate === undefined && latency !== undefined && inFlight !== undefined) {
    return { rate: (inFlight / latency) * 1000, latency, inFlight };
  }
  if (rate !== undefined && latency === undefined && inFlight !== undefined) {
    return { rate, latency: (inFlight / rate) * 1000, inFlight };
  }
  if (rate !== undefined && latency !== undefined) {
    throw wrongType('littlesLaw', 'inFlight', 'left out, as rate and latency give it', inFlight);
  }
  const missing = rate === undefined ? 'rate' : 'latency';
  throw wrongType('littlesLaw', missing, 'given, or both of the others: two of the three give the third', undefined);
}
