import { isObservable, type Observable } from 'rxjs';
import { outOfRange, wrongType } from '../core/errors.ts';
import { checkCount, holds, isFunction, isOptions, OptionReader } from '../core/options.ts';
import type { Comparison } from './compare/Comparison.ts';
import { inputOf, type CompareInput } from './compare/inputOf.ts';
import { judge, roundsNeeded, type Timing } from './compare/judge.ts';
import { shuffled } from './compare/shuffled.ts';
import { run } from './run.ts';

export type { ComparedVariant, Comparison } from './compare/Comparison.ts';

/** The options of {@link compare} besides the variants, which may be called anything else. */
export interface CompareOptions<T> {
  /** What all variants read: an iterable that can be read again, or a function that gives one afresh. Required. */
  readonly input: CompareInput<T>;
  /** How often each variant is measured: an integer of 6 (three variants: 7, five: 9) to 100. Default 15. */
  readonly rounds?: number | undefined;
  /** How often each variant runs before that, so that its code is compiled: an integer of 0 to 100. Default 2. */
  readonly warmup?: number | undefined;
  /** Ends the comparison, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One way to do the work: gives the flow that reads `input$`. Called once a round. */
export type Variant<T> = (input$: Observable<T>) => Observable<unknown>;

/**
 * Runs variants of a flow on the same input and says which is the fastest, by how much, and whether that is more than noise.
 *
 * ```
 * warm-up: ab  ba        each letter: one variant runs to its end, alone
 * rounds:  ba  ab  ab    the order drawn by lot, each round compared in itself
 * ```
 *
 * - **Runs** each variant under `run`, one after the other, never two at once; a round is one run of each.
 * - **Resolves** with a {@link Comparison}. Its `winner` is there only if it is faster than each other variant with 95 % confidence.
 * - **Rejects** with the `FlowError` of the first run that fails, whose flow is named like its variant; with what a variant throws; or
 *   with the reason of `signal`. What runs is ended first.
 *
 * It holds nothing but the times. Every key besides the options' own is a variant: two at least.
 *
 * @example
 * ```ts
 * const { winner, summary } = await compare({
 *   input: urls,
 *   four: (urls$) => urls$.pipe(workerPool(get, { concurrency: 4 })),
 *   eight: (urls$) => urls$.pipe(workerPool(get, { concurrency: 8 })),
 * });
 * console.log(summary);
 * // "eight" wins: "eight" took 254 ms, "four" 1.97 times as long (1.95 to 1.99; 95 % confidence, 15 rounds).
 * ```
 *
 * Takes (`rounds` + `warmup`) runs of each variant. Give an input that takes some tens of milliseconds: of shorter runs one sees mostly how they
 * start. A variant may do its work well and still give fewer results: then `resultsDiffer` says so, and so does the summary. A flow
 * that does not end by itself does not end here either: give `take`, or a `signal`.
 *
 * The ratio and its confidence come from the differences of the times' logarithms within each round: Hodges' and Lehmann's
 * estimate and the interval of Wilcoxon's signed-rank test, a permutation test; for more than two variants with Bonferroni's correction.
 *
 * @see `run`, whose report says what to change in a flow; this says whether the change was one for the better.
 * @param options The variants, and see {@link CompareOptions}.
 * @throws TypeError or RangeError if an option is wrong, or there are fewer than two variants.
 */
export function compare<T, V extends string>(
  options: CompareOptions<T> & { readonly [K in V]: K extends keyof CompareOptions<T> ? unknown : Variant<T> },
): Promise<Comparison<Exclude<V, keyof CompareOptions<T>>>> {
  const names = isOptions(options) ? Object.keys(options).filter((key) => !WORDS.has(key)) : [];
  const read = new OptionReader<CompareOptions<T>>('compare', options, [
    ...WORDS,
    ...names,
  ] as (keyof CompareOptions<T>)[]);
  for (const name of names) checkVariant(name, read.values.get(name));
  if (names.length < 2) {
    throw wrongType(
      'compare',
      'options',
      'made of "input" and two variants or more, as in compare({ a, b, input })',
      options,
    );
  }
  const input$ = inputOf<T>(read.get('input')!);
  const needed = roundsNeeded(names.length);
  const rounds = checkRounds('rounds', read.get('rounds'), needed, Math.max(15, needed));
  const warmup = checkRounds('warmup', read.get('warmup'), 0, 2);
  const signal = read.get('signal');
  if (signal !== undefined && !holds(() => signal instanceof AbortSignal)) {
    throw wrongType('compare', 'signal', 'an AbortSignal', signal);
  }
  type Name = Exclude<V, keyof CompareOptions<T>>;
  const variants = names.map((name) => ({ name: name as Name, variant: read.values.get(name) as Variant<T> }));
  return measureAll(variants, input$, { rounds, warmup, signal });
}

const WORDS: ReadonlySet<string> = new Set<keyof CompareOptions<unknown>>(['input', 'rounds', 'warmup', 'signal']);

function checkVariant(name: string, value: unknown): void {
  // It names a flow, and stands in messages.
  new OptionReader('compare', { name }, ['name']).stageName('variant');
  const rule = `a variant, a function that gives an Observable; options are ${[...WORDS].join(', ')}`;
  if (!isFunction(value)) throw wrongType('compare', name, rule, value);
}

function checkRounds(option: string, value: unknown, least: number, fallback: number): number {
  if (value === undefined) return fallback;
  const count = checkCount('compare', option, value, least);
  if (count <= MOST) return count;
  throw outOfRange('compare', option, `an integer from ${least} to ${MOST}`, value);
}

const MOST = 100;

interface Settings {
  readonly rounds: number;
  readonly warmup: number;
  readonly signal: AbortSignal | undefined;
}

interface Named<T, Name extends string = string> {
  readonly name: Name;
  readonly variant: Variant<T>;
}

async function measureAll<T, Name extends string>(
  variants: readonly Named<T, Name>[],
  input$: Observable<T>,
  settings: Settings,
): Promise<Comparison<Name>> {
  const { rounds, warmup, signal } = settings;
  const timings = new Map<Named<T, Name>, { times: number[]; results: number[] }>();
  for (const named of variants) timings.set(named, { times: [], results: [] });
  for (let round = -warmup; round < rounds; round++) {
    for (const named of shuffled(variants)) {
      const { elapsed, results } = await measure(named, input$, signal);
      if (round < 0) continue;
      const timing = timings.get(named)!;
      timing.times.push(elapsed);
      timing.results.push(results);
    }
  }
  return judge([...timings].map(([{ name }, timing]): Timing<Name> => ({ name, ...timing })));
}

async function measure<T>({ name, variant }: Named<T>, input$: Observable<T>, signal: AbortSignal | undefined) {
  // What the one before has left to the event loop is none of this one's.
  await new Promise((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
  const flow = variant(input$);
  if (!holds(() => isObservable(flow))) throw wrongType('compare', name, 'a function that gives an Observable', flow);
  const report = await run(flow, { name, signal }).done;
  signal?.throwIfAborted();
  return report;
}
