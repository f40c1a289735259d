import { amdahl } from '../../sync/sizing/amdahl.ts';
import { usl } from '../../sync/sizing/usl.ts';
import type { Level, StageReport } from '../report.ts';
import { figures } from './figures.ts';
import { fitUsl, type UslFit } from './fitUsl.ts';
import type { Reading } from './Reading.ts';

/** For a stage that limits the flow and whose concurrency has changed: what it did at each says what more would bring. */
export function scaling(reading: Reading): string | undefined {
  const { limit: stage } = reading;
  if (stage?.levels === undefined || !reading.isAwaited(stage)) return undefined;
  const points = measured(stage.levels);
  const fit = fitUsl(points);
  if (fit === undefined || fit.error > ROUGH) return undefined;
  const best = points.reduce((a, b) => (b.rate > a.rate ? b : a));
  const last = points.at(-1)!;
  const told = points.filter((point, i) => i === 0 || point === best || point === last || points.length <= FEW);
  const did = `"${stage.name}" did ${told.map((point) => `${figures.rate(point.rate)} a second at ${point.concurrency}`).join(', ')} at once`;
  if (last.rate < best.rate * LESS) return `${did}: more than that makes it slower; ${keepTo(stage, fit, best)}.`;
  return more(reading, stage, did, fit);
}

/** Where the most was done, or is to be expected. */
function keepTo(stage: StageReport, fit: UslFit, best: Point): string {
  const { peak } = usl({ concurrency: best.concurrency, ...coefficients(fit) });
  const isBetween = peak.concurrency < stage.levels!.reduce((most, level) => Math.max(most, level.concurrency), 0);
  if (fit.coherency === 0 || !isBetween) return `keep its concurrency at about ${best.concurrency}`;
  return (
    `by the universal scalability law the peak is at ${peak.concurrency}, with ${figures.rate(peak.throughput)} a second: ` +
    `keep its concurrency there`
  );
}

function more(reading: Reading, stage: StageReport, did: string, fit: UslFit): string | undefined {
  const { concurrency } = stage;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) return undefined;
  const now = usl({ concurrency, ...coefficients(fit) });
  const twice = usl({ concurrency: concurrency * 2, ...coefficients(fit) }).throughput;
  const next = reading.next(stage);
  const gain = Math.min(twice / now.throughput, next.factor) - 1;
  if (gain >= WORTH_IT) {
    const one = usl({ concurrency: concurrency + 1, ...coefficients(fit) }).throughput / now.throughput - 1;
    const end = next.factor < twice / now.throughput ? `, when ${next.who} becomes the limit` : '';
    return (
      `${did}: by the universal scalability law one more brings ${figures.percent(Math.min(one, gain))}, and twice as ` +
      `many (${concurrency * 2}) ${figures.percent(gain)}${end}.`
    );
  }
  if (next.factor - 1 < WORTH_IT) return undefined;
  const most =
    fit.coherency > 0
      ? `the peak is at ${now.peak.concurrency} with ${figures.rate(now.peak.throughput)} a second (universal scalability law)`
      : `it never does more than ${figures.rate(fit.rate * amdahl(1 - fit.contention, Infinity))} a second (Amdahl's law)`;
  return `${did}: more at once hardly helps, as ${most}; look for what its items wait for one after the other.`;
}

interface Point {
  readonly concurrency: number;
  /** Items a second. */
  readonly rate: number;
}

/** What was done at each concurrency that lasted for long enough, from the lowest on. */
function measured(levels: readonly Level[]): Point[] {
  const sums = new Map<number, { completed: number; time: number }>();
  for (const { concurrency, completed, time } of levels) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) continue;
    const sum = sums.get(concurrency) ?? { completed: 0, time: 0 };
    sums.set(concurrency, { completed: sum.completed + completed, time: sum.time + time });
  }
  return [...sums]
    .filter(([, { completed, time }]) => completed >= ENOUGH && time >= LONG_ENOUGH)
    .map(([concurrency, { completed, time }]) => ({ concurrency, rate: (completed / time) * 1000 }))
    .toSorted((a, b) => a.concurrency - b.concurrency);
}

function coefficients({ contention, coherency, rate }: UslFit): {
  contention: number;
  coherency: number;
  rate: number;
} {
  return { contention, coherency, rate };
}

/** Items and milliseconds from which on a concurrency was really tried. */
const ENOUGH = 10;
const LONG_ENOUGH = 100;
/** Up to so many concurrencies a sentence names all of them, and otherwise the least, the best and the most. */
const FEW = 4;
/** How far a fit may be off to be believed. */
const ROUGH = 0.2;
/** What counts as less than the most, and what is worth having. */
const LESS = 0.9;
const WORTH_IT = 0.15;
