import type { FlightsResult, RouteResult, TimeResult } from './result.ts';
import { cityOf, clock, count, longDayOf, minutes, percent } from './format.ts';

/** What stands out, in sentences. */
export function findings(result: FlightsResult): string[] {
  return [overTheDay(result), worstDay(result), worstCascade(result), worstRoute(result)].filter(
    (finding) => finding !== undefined,
  );
}

function overTheDay({ hoursOfDay }: FlightsResult): string | undefined {
  const busy = busiest(hoursOfDay, 0.01);
  const best = busy.toSorted(byMean)[0];
  const worst = busy.toSorted(byMean).at(-1);
  if (best === undefined || worst === undefined || best === worst) return undefined;
  return (
    `Flights that leave between ${clock(best.time)} and ${clock(best.time + 1)} fare best: a mean delay of ` +
    `${minutes(best.stats.meanDelay)} minutes, ${percent(best.stats.lateShare)} late. Between ${clock(worst.time)} and ` +
    `${clock(worst.time + 1)} it is ${minutes(worst.stats.meanDelay)} minutes and ${percent(worst.stats.lateShare)}.`
  );
}

function worstDay({ days }: FlightsResult): string | undefined {
  const worst = busiest(days, 0.001).toSorted(byMean).at(-1);
  if (worst === undefined) return undefined;
  const { meanDelay, lateShare } = worst.stats;
  return (
    `The worst day was ${longDayOf(worst.time * 24)}: ${minutes(meanDelay)} minutes of delay on average, ` +
    `and ${percent(lateShare)} of the flights late.`
  );
}

function worstCascade({ worstCascades: [worst], airports }: FlightsResult): string | undefined {
  if (worst === undefined) return undefined;
  const city = cityOf(airports.find(({ code }) => code === worst.airport)?.place, worst.airport);
  return (
    `The worst cascade hit ${city} (${worst.airport}) on ${longDayOf(worst.start)}: ${worst.hours} hours in a row, ` +
    `${count(worst.flights)} flights, each ${minutes(worst.meanDelay)} minutes late on average.`
  );
}

function worstRoute({ routes, days }: FlightsResult): string | undefined {
  const often = routes.filter(({ stats }) => stats.flights >= days.length);
  const worst = often.toSorted((a, b) => a.stats.lateShare - b.stats.lateShare).at(-1);
  if (worst === undefined) return undefined;
  return `From ${name(worst, 'from')} to ${name(worst, 'to')}, ${percent(worst.stats.lateShare)} of the flights were late.`;
}

function name(route: RouteResult, end: 'from' | 'to'): string {
  const place = end === 'from' ? route.fromPlace : route.toPlace;
  return place === undefined ? route[end] : `${place.city} (${route[end]})`;
}

/** Those with at least this share of the flights. */
function busiest(times: readonly TimeResult[], share: number): TimeResult[] {
  const all = times.reduce((sum, { stats }) => sum + stats.flights, 0);
  return times.filter(({ stats }) => stats.flights >= all * share);
}

function byMean(a: TimeResult, b: TimeResult): number {
  return a.stats.meanDelay - b.stats.meanDelay;
}
