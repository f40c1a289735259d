import { hourDate } from './calendar.ts';
import { findCascades, worstFirst, type Cascade } from './cascades.ts';
import type { DelayStats } from './DelayStats.ts';
import type { DelayTable } from './DelayTable.ts';
import type { FlightSums } from './FlightSums.ts';
import { milesBetween, type Place } from './places.ts';

/** An airport and the flights that left it. `place` is missing where `airports.csv` does not know the airport. */
export interface AirportResult {
  readonly code: string;
  readonly place?: Place;
  readonly stats: DelayStats;
}

/** A pair of airports and the flights from one to the other. `miles` is missing where a place is. */
export interface RouteResult {
  readonly from: string;
  readonly to: string;
  readonly fromPlace?: Place;
  readonly toPlace?: Place;
  readonly miles?: number;
  readonly stats: DelayStats;
}

/** The flights of one hour of the year, day, hour of the day or such. */
export interface TimeResult {
  /** The hour of the year, the day of the year, the hour of the day, or 24 × the day of the week + the hour of the day. */
  readonly time: number;
  readonly stats: DelayStats;
}

/** A bad cascade and the hours around it, for a chart. */
export interface CascadeCourse extends Cascade {
  /** One entry for each hour from `firstHour` on; the mean is missing where no flight left. */
  readonly firstHour: number;
  readonly course: readonly { readonly flights: number; readonly meanDelay?: number }[];
}

export interface FlightsResult {
  /** How many flights were read, and how many of them were left out. */
  readonly rows: number;
  readonly incomplete: number;
  readonly outsideYear: number;
  /** How many flights the whole file has, where it was not read to its end. */
  readonly partialOf?: number;
  /** All flights together; missing where there are none. */
  readonly total?: DelayStats;
  /** By code. */
  readonly airports: readonly AirportResult[];
  /** By code of departure, then of destination. */
  readonly routes: readonly RouteResult[];
  /** In order of time. */
  readonly hours: readonly TimeResult[];
  readonly days: readonly TimeResult[];
  readonly hoursOfDay: readonly TimeResult[];
  readonly hoursOfWeek: readonly TimeResult[];
  /** The worst first. */
  readonly cascades: readonly Cascade[];
  readonly worstCascades: readonly CascadeCourse[];
  /** The airports that flights left or reached and `airports.csv` does not know. */
  readonly unknownAirports: readonly string[];
}

/** How many cascades are given with the hours around them, and how many hours that is on either side. */
const WORST = 10;
const AROUND = 6;

/**
 * Draws all results from the sums and joins the airports with their places.
 *
 * @param sums the sums of all flights that were read
 * @param places the airports by code
 * @param options.fileRows how many flights the file has; with fewer read the result is marked as partial
 */
export function flightsResult(
  sums: FlightSums,
  places: ReadonlyMap<string, Place>,
  options: { readonly fileRows?: number } = {},
): FlightsResult {
  const codes = sums.codes.list;
  const hours = range(sums.byHour.groups);
  const total = sums.byHour.stats(hours);
  const cascades = codes.flatMap((code, i) => findCascades(code, sums.airportHours.of(i))).toSorted(worstFirst);
  const partial = options.fileRows !== undefined && sums.rows < options.fileRows;
  return {
    rows: sums.rows,
    incomplete: sums.incomplete,
    outsideYear: sums.outsideYear,
    ...(partial && { partialOf: options.fileRows }),
    ...(total && { total }),
    airports: airportResults(sums, places),
    routes: routeResults(sums, places),
    hours: timeResults(sums.byHour, (hour) => hour),
    days: timeResults(sums.byHour, (hour) => Math.floor(hour / 24)),
    hoursOfDay: timeResults(sums.byHour, (hour) => hour % 24),
    hoursOfWeek: timeResults(sums.byHour, (hour) => hourDate(hour).getUTCDay() * 24 + (hour % 24)),
    cascades,
    worstCascades: cascades.slice(0, WORST).map((cascade) => withCourse(cascade, sums)),
    unknownAirports: codes.filter((code) => !places.has(code)).toSorted(),
  };
}

function airportResults(sums: FlightSums, places: ReadonlyMap<string, Place>): AirportResult[] {
  const results = sums.codes.list.flatMap((code, i): AirportResult[] => {
    const stats = sums.byAirport.stats([i]);
    const place = places.get(code);
    return stats === undefined ? [] : [{ code, ...(place && { place }), stats }];
  });
  return results.toSorted((a, b) => compare(a.code, b.code));
}

function routeResults({ byRoute, routes, codes }: FlightSums, places: ReadonlyMap<string, Place>): RouteResult[] {
  const results = range(byRoute.groups).flatMap((route): RouteResult[] => {
    const stats = byRoute.stats([route]);
    const from = codes.list[routes.from[route]!]!;
    const to = codes.list[routes.to[route]!]!;
    return stats === undefined ? [] : [{ from, to, ...joined(places.get(from), places.get(to)), stats }];
  });
  return results.toSorted((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}

function joined(fromPlace: Place | undefined, toPlace: Place | undefined) {
  return {
    ...(fromPlace && { fromPlace }),
    ...(toPlace && { toPlace }),
    ...(fromPlace && toPlace && { miles: milesBetween(fromPlace, toPlace) }),
  };
}

/** Takes together the hours for which `key` gives the same number. */
function timeResults(byHour: DelayTable, key: (hour: number) => number): TimeResult[] {
  const groups = new Map<number, number[]>();
  for (const hour of range(byHour.groups)) {
    const group = groups.get(key(hour));
    if (group === undefined) groups.set(key(hour), [hour]);
    else group.push(hour);
  }
  const results = [...groups].flatMap(([time, hours]) => {
    const stats = byHour.stats(hours);
    return stats === undefined ? [] : [{ time, stats }];
  });
  return results.toSorted((a, b) => a.time - b.time);
}

function withCourse(cascade: Cascade, sums: FlightSums): CascadeCourse {
  const { flights, delayMinutes } = sums.airportHours.of(sums.codes.number(cascade.airport));
  const firstHour = Math.max(0, cascade.start - AROUND);
  const end = Math.min(flights.length, cascade.start + cascade.hours + AROUND);
  const course = range(end - firstHour).map((i) => {
    const left = flights[firstHour + i]!;
    return left === 0 ? { flights: 0 } : { flights: left, meanDelay: delayMinutes[firstHour + i]! / left };
  });
  return { ...cascade, firstHour, course };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
