import { LATE_FROM } from './DelayStats.ts';
import { findings } from './findings.ts';
import { count, counted, longDayOf, minutes, percent } from './format.ts';
import type { FlightsResult } from './result.ts';

/** The result in a few lines for a terminal, each ended by a line break. */
export function summary(result: FlightsResult): string {
  const { rows, partialOf, airports, routes, cascades, hours, total } = result;
  const partial =
    partialOf === undefined ? [] : [`PARTIAL: stopped after ${count(rows)} of ${count(partialOf)} flights`];
  if (total === undefined) return [...partial, 'No flights were read.', ''].join('\n');
  const { meanDelay, p90Delay, lateShare } = total;
  return [
    ...partial,
    `${counted(rows, 'flight')}, ${longDayOf(hours[0]!.time)} to ${longDayOf(hours.at(-1)!.time)}`,
    [counted(airports.length, 'airport'), counted(routes.length, 'route'), counted(cascades.length, 'cascade')].join(
      ', ',
    ),
    `mean delay ${minutes(meanDelay)} min, p90 ${count(p90Delay)} min, ${percent(lateShare)} late by ${LATE_FROM} min or more`,
    ...findings(result).map((finding) => `- ${finding}`),
    '',
  ].join('\n');
}
