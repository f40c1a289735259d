import { hourLabel } from './calendar.ts';
import type { DelayStats } from './DelayStats.ts';
import type { FlightsResult } from './result.ts';

/** A line of the hourly NDJSON. Delays are in minutes, to two decimals; shares are from 0 to 1, to four. */
export interface HourRecord {
  readonly hour: string;
  readonly flights: number;
  readonly meanDelay: number;
  readonly p90Delay: number;
  readonly lateShare: number;
}

/** A line of the CSV of routes. Columns that `airports.csv` cannot fill are empty. */
export interface RouteRecord extends Omit<HourRecord, 'hour'> {
  readonly origin: string;
  readonly originCity: string;
  readonly originState: string;
  readonly destination: string;
  readonly destinationCity: string;
  readonly destinationState: string;
  /** The great-circle distance. */
  readonly miles: number | '';
}

/** The columns of the CSV of routes, in order. */
export const routeColumns = [
  'origin',
  'originCity',
  'originState',
  'destination',
  'destinationCity',
  'destinationState',
  'miles',
  'flights',
  'meanDelay',
  'p90Delay',
  'lateShare',
] as const satisfies (keyof RouteRecord)[];

/** One record for each hour of the year that had departures, in order. */
export function* hourRecords({ hours }: FlightsResult): Generator<HourRecord, void, undefined> {
  for (const { time, stats } of hours) yield { hour: hourLabel(time), ...figures(stats) };
}

/** One record for each route, by codes. */
export function* routeRecords({ routes }: FlightsResult): Generator<RouteRecord, void, undefined> {
  for (const { from, fromPlace, to, toPlace, miles, stats } of routes) {
    yield {
      origin: from,
      originCity: fromPlace?.city ?? '',
      originState: fromPlace?.state ?? '',
      destination: to,
      destinationCity: toPlace?.city ?? '',
      destinationState: toPlace?.state ?? '',
      miles: miles === undefined ? '' : Math.round(miles),
      ...figures(stats),
    };
  }
}

function figures({ flights, meanDelay, p90Delay, lateShare }: DelayStats) {
  return { flights, meanDelay: rounded(meanDelay, 2), p90Delay, lateShare: rounded(lateShare, 4) };
}

/** Rounds; never to -0, which would print as such. */
function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals)) + 0;
}
