import { duration } from '../duration.ts';
import type { ComparedVariant, Comparison } from './Comparison.ts';
import { pairsNeeded, signedRank } from './signedRank.ts';

/** What was measured of one variant: the first of each list in the first round, and so on. */
export interface Timing<Name extends string = string> {
  readonly name: Name;
  readonly times: readonly number[];
  readonly results: readonly number[];
}

/**
 * Says which of several variants is the fastest. Times of the same round are compared with each other, so that what slows a machine
 * down for a while counts for all alike.
 */
export function judge<Name extends string>(timings: readonly Timing<Name>[]): Comparison<Name> {
  const ranked = timings
    .map((timing) => ({ ...timing, median: median(timing.times) }))
    .toSorted((a, b) => a.median - b.median);
  const [fastest] = ranked;
  const alpha = alphaFor(ranked.length);
  const rows = ranked.map((row, i): ComparedVariant<Name> => {
    if (i === 0) return { ...row, ratio: 1, low: 1, high: 1 };
    const slower = signedRank(
      row.times.map((time, round) => logarithm(time) - logarithm(fastest!.times[round]!)),
      alpha,
    );
    return { ...row, ratio: Math.exp(slower.estimate), low: Math.exp(slower.low), high: Math.exp(slower.high) };
  });
  const { ratio, low, high } = rows[1]!;
  const resultsDiffer = new Set(rows.flatMap(({ results }) => results)).size > 1;
  const isSure = rows.slice(1).every((row) => row.low > 1);
  return {
    ...(isSure ? { winner: rows[0]!.name } : {}),
    ratio,
    low,
    high,
    significant: low > 1,
    resultsDiffer,
    rows,
    summary: summary(rows, isSure) + (resultsDiffer ? different(rows) : ''),
  };
}

/** How many rounds there have to be, so that any difference at all can be told from noise. */
export function roundsNeeded(variants: number): number {
  return pairsNeeded(alphaFor(variants));
}

/** How often a difference may be found where none is: 5 % for all pairs of variants together (Bonferroni). */
function alphaFor(variants: number): number {
  return 0.05 / ((variants * (variants - 1)) / 2);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** A flow that is over within a tick of the clock takes a microsecond. */
function logarithm(time: number): number {
  return Math.log(Math.max(time, 0.001));
}

function summary(rows: readonly ComparedVariant[], isSure: boolean): string {
  const [fastest, ...others] = rows;
  const how = `95 % confidence, ${fastest!.times.length} rounds`;
  const slower = others.map(
    ({ name, ratio, low, high }, i) =>
      `"${name}" ${ratio.toFixed(2)} times as long (${low.toFixed(2)} to ${high.toFixed(2)}${i === 0 ? `; ${how}` : ''})`,
  );
  const took = `"${fastest!.name}" took ${duration(fastest!.median)}, ${slower.join(', ')}.`;
  if (isSure) return `"${fastest!.name}" wins: ${took}`;
  const alike = rows.filter(({ low }, i) => i === 0 || low <= 1).map(({ name }) => `"${name}"`);
  return `No difference beyond the noise between ${alike.join(' and ')}: ${took}`;
}

function different(rows: readonly ComparedVariant[]): string {
  const counts = rows.map(({ name, results }) => {
    const [least, most] = [Math.min(...results), Math.max(...results)];
    return `"${name}" ${count(least)}${most > least ? ` to ${count(most)}` : ''}`;
  });
  return ` But they do not give the same number of results (${counts.join(', ')}), so they do not do the same work.`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
