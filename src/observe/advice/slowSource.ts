import { figures } from './figures.ts';
import type { Reading } from './Reading.ts';

/** For a source that is at work all the time while what is below it could take more. */
export function slowSource(reading: Reading): string | undefined {
  const { limit: source, loop } = reading;
  if (source?.kind !== 'source' || reading.share(source, 'busy') < SATURATED) return undefined;
  const next = reading.next(source);
  const rate = reading.rate(source);
  const gives = `"${source.name}" gives ${figures.rate(rate)} items a second and is at work ${figures.percent(reading.share(source, 'busy'))} of the time`;
  const each = figures.duration(reading.service(source));
  // While a source computes, nothing else is at work on this thread; while it waits, something else mostly is.
  if (loop !== undefined && loop >= FULL) {
    return `${gives}, as is the main thread: if it computes (${each} an item), let it give what it computes from, and do that in a stage on threads (parallel).`;
  }
  // Where nothing below has anything to do to speak of, a source that waits sets the pace of the flow by its nature.
  if (next.factor > BY_NATURE) return undefined;
  if (next.factor < LITTLE) return undefined; // Balanced: what is below is as busy.
  return (
    `${gives}, while what is below could take ${figures.times(next.factor)} times as much (then ${next.who} is the limit, ` +
    `at ${figures.rate(rate * next.factor)} a second): read it in larger pieces, or from several places at once (fanIn).`
  );
}

const SATURATED = 0.85;
const FULL = 0.9;
const BY_NATURE = 10;
const LITTLE = 1.15;
