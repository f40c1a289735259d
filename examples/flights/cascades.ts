import type { HourlySums } from './AirportHours.ts';

/** A cascade is this many hours in a row, or more, whose mean delay exceeds CASCADE_MEAN minutes. */
export const CASCADE_HOURS = 3;
export const CASCADE_MEAN = 30;

/** A run of bad hours at one airport. */
export interface Cascade {
  readonly airport: string;
  /** The first hour, as an hour of the year. */
  readonly start: number;
  /** How many hours it lasted. */
  readonly hours: number;
  readonly flights: number;
  readonly delayMinutes: number;
  readonly meanDelay: number;
}

/**
 * Finds the runs of consecutive hours, CASCADE_HOURS or more, in each of which flights left the airport and their delays
 * had a mean above CASCADE_MEAN. An hour without a flight has no mean, so it ends a run.
 */
export function findCascades(airport: string, { flights, delayMinutes }: HourlySums): Cascade[] {
  const found: Cascade[] = [];
  for (let start = 0; start < flights.length; start++) {
    let end = start;
    let left = 0;
    let minutes = 0;
    // A mean above the limit, without a division; it does not hold where no flight left, as 0 > 0 is false.
    while (end < flights.length && delayMinutes[end]! > CASCADE_MEAN * flights[end]!) {
      left += flights[end]!;
      minutes += delayMinutes[end]!;
      end++;
    }
    if (end - start >= CASCADE_HOURS) {
      const meanDelay = minutes / left;
      found.push({ airport, start, hours: end - start, flights: left, delayMinutes: minutes, meanDelay });
    }
    start = Math.max(start, end);
  }
  return found;
}

/** Orders cascades by the minutes lost, the worst first, and equal ones by airport and time. */
export function worstFirst(a: Cascade, b: Cascade): number {
  return (
    b.delayMinutes - a.delayMinutes || (a.airport < b.airport ? -1 : Number(a.airport > b.airport)) || a.start - b.start
  );
}
