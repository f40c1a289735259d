import { littlesLaw } from '../../sync/sizing/littlesLaw.ts';
import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a stage on the main thread that does all it may at once, while items wait for it. */
export function moreAtOnce(reading: Reading): string | undefined {
  const { limit: stage, loop } = reading;
  if (stage === undefined || stage.kind !== 'stage' || stage.pool !== undefined) return undefined;
  if ((reading.utilisation(stage) ?? 0) < SATURATED || !reading.isAwaited(stage)) return undefined;
  const latency = reading.service(stage);
  if (latency <= 0 || (loop !== undefined && loop >= FULL)) return undefined;
  const { concurrency } = stage;
  const { rate } = littlesLaw({ inFlight: concurrency, latency });
  const next = reading.next(stage);
  const can =
    `"${stage.name}" can do ${figures.rate(rate)} items a second (Little's law: ${figures.count(concurrency)} at once, ` +
    `${figures.duration(latency)} each), and items wait for it`;
  if (next.factor < LITTLE) {
    const percent = figures.percent(next.factor - 1);
    return `${can}; more at once brings ${percent} at most, as ${next.who} then becomes the limit: make both faster.`;
  }
  const gain = Math.min(1 / concurrency, next.factor - 1);
  const more = `one more at once brings ${figures.percent(gain)}, ${furthest(concurrency, rate, next)}`;
  if (loop !== undefined && loop <= QUIET) {
    return `${can}: it waits for something outside the main thread, so if that bears more, ${more}.`;
  }
  const may = concurrency === 1 ? 'may do several at once and waits' : 'waits';
  return `${can}: if it ${may} for something outside this process, ${more}; if it computes, only threads help (parallel).`;
}

/** How far that goes. */
function furthest(concurrency: number, rate: number, { factor, who }: ReturnType<Reading['next']>): string {
  if (factor > FAR) return `and the other stages could take ${FAR} times as much`;
  const needed = figures.count(Math.ceil(concurrency * factor - ROUNDING));
  return `and at about ${needed} ${who} becomes the limit, with ${figures.rate(rate * factor)} a second`;
}

/** Shares of the time: of the places of a stage in use, and of the main thread at work. */
const SATURATED = 0.85;
const FULL = 0.9;
const QUIET = 0.6;
/** How many times as fast: what is not worth the trouble, and what need not be told exactly. */
const LITTLE = 1.1;
const FAR = 10;
const ROUNDING = 1e-6;
