/**
 * The figures of the flights example computed a second time, as simply as possible: whole rows, maps, sorted arrays.
 * It shares no code with the example, so that the two can be held against each other.
 */
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

export interface Figures {
  flights: number;
  delayMinutes: number;
  late: number;
  meanDelay: number;
  p90Delay: number;
  lateShare: number;
}

export interface Run {
  airport: string;
  /** Such as `2001-01-31T17`. */
  start: string;
  hours: number;
  flights: number;
  delayMinutes: number;
}

export interface Independent {
  total: Figures;
  airports: Map<string, Figures>;
  /** By `ORD-LAX`. */
  routes: Map<string, Figures>;
  /** By `2001-01-31T17`. */
  hours: Map<string, Figures>;
  /** Sorted by airport and start. */
  cascades: Run[];
}

interface Row {
  date: Date;
  delay: bigint;
  origin: string;
  destination: string;
}

export async function independent(path: string, rowCount: number): Promise<Independent> {
  const file = await asyncBufferFromFile(path);
  const rows = (await parquetReadObjects({ file, compressors, rowStart: 0, rowEnd: rowCount })) as unknown as Row[];
  const all: number[] = [];
  const airports = new Map<string, number[]>();
  const routes = new Map<string, number[]>();
  const hours = new Map<string, number[]>();
  const airportHours = new Map<string, Map<string, number[]>>();
  for (const row of rows) {
    const delay = Number(row.delay);
    const hour = row.date.toISOString().slice(0, 13);
    all.push(delay);
    append(airports, row.origin, delay);
    append(routes, `${row.origin}-${row.destination}`, delay);
    append(hours, hour, delay);
    if (!airportHours.has(row.origin)) airportHours.set(row.origin, new Map());
    append(airportHours.get(row.origin)!, hour, delay);
  }
  return {
    total: figures(all),
    airports: new Map([...airports].map(([key, delays]) => [key, figures(delays)])),
    routes: new Map([...routes].map(([key, delays]) => [key, figures(delays)])),
    hours: new Map([...hours].map(([key, delays]) => [key, figures(delays)])),
    cascades: [...airportHours.keys()].toSorted().flatMap((airport) => runs(airport, airportHours.get(airport)!)),
  };
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function figures(delays: number[]): Figures {
  const sorted = delays.toSorted((a, b) => a - b);
  const flights = sorted.length;
  const delayMinutes = sum(sorted);
  const late = sorted.filter((delay) => delay >= 15).length;
  // Nearest rank: the first value that at least 90 % of all values do not exceed.
  const p90Delay = sorted.find((_, i) => (i + 1) * 10 >= flights * 9)!;
  return { flights, delayMinutes, late, meanDelay: delayMinutes / flights, p90Delay, lateShare: late / flights };
}

function runs(airport: string, hours: Map<string, number[]>): Run[] {
  const bad = [...hours.keys()].filter((hour) => sum(hours.get(hour)!) / hours.get(hour)!.length > 30).toSorted();
  const found: string[][] = [];
  for (const hour of bad) {
    const last = found.at(-1);
    if (last && next(last.at(-1)!) === hour) last.push(hour);
    else found.push([hour]);
  }
  return found
    .filter((run) => run.length >= 3)
    .map((run) => {
      const delays = run.flatMap((hour) => hours.get(hour)!);
      return { airport, start: run[0]!, hours: run.length, flights: delays.length, delayMinutes: sum(delays) };
    });
}

function next(hour: string): string {
  return new Date(Date.parse(`${hour}:00:00Z`) + 3_600_000).toISOString().slice(0, 13);
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
