import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hourLabel } from '../../../examples/flights/calendar.ts';
import { flightReading, type FlightColumns } from '../../../examples/flights/columns.ts';
import { files } from '../../../examples/flights/files.ts';
import { FlightSums } from '../../../examples/flights/FlightSums.ts';
import { readPlaces } from '../../../examples/flights/places.ts';
import { hourRecords, routeRecords } from '../../../examples/flights/records.ts';
import { flightsResult, type FlightsResult } from '../../../examples/flights/result.ts';
import { readRowGroups } from '../../../src/sources/parquet/rowGroups.ts';
import { independent, type Independent } from './independent.ts';

const ROWS = 100_000;
const places = readPlaces(files.airports);

let slice: FlightColumns;
let result: FlightsResult;
let expected: Independent;

beforeAll(async () => {
  expected = await independent(fileURLToPath(files.flights), ROWS);
  for await (const { columns } of readRowGroups(files.flights, flightReading)) {
    slice = rowsOf(columns, (i) => i < ROWS);
    break;
  }
  result = resultOf(slice);
}, 30_000);

describe('the sums of the first 100,000 flights agree with the independent computation', () => {
  it('in total', () => {
    expect(result.rows).toBe(ROWS);
    expect(result.total).toEqual(expected.total);
  });

  it('for every airport', () => {
    expect(new Map(result.airports.map(({ code, stats }) => [code, stats]))).toEqual(expected.airports);
  });

  it('for every route', () => {
    expect(new Map(result.routes.map(({ from, to, stats }) => [`${from}-${to}`, stats]))).toEqual(expected.routes);
  });

  it('for every hour', () => {
    const hours = result.hours.map(({ time, stats }) => [hourLabel(time).slice(0, 13), stats] as const);
    expect(new Map(hours)).toEqual(expected.hours);
  });

  it('for every cascade', () => {
    const cascades = result.cascades.map(({ airport, start, hours, flights, delayMinutes }) => {
      return { airport, start: hourLabel(start).slice(0, 13), hours, flights, delayMinutes };
    });
    expect(cascades.length).toBeGreaterThan(10);
    expect(cascades.toSorted((a, b) => (a.airport + a.start < b.airport + b.start ? -1 : 1))).toEqual(
      expected.cascades,
    );
  });
});

describe('merge', () => {
  it.each([2, 3, 11])('gives the same result for the flights dealt out to %i partial sums', (parts) => {
    const dealt = Array.from({ length: parts }, (_, part) => sumsOf(rowsOf(slice, (i) => i % parts === part)));
    expect(flightsResult(merged(dealt.toReversed()), places)).toEqual(result);
  });

  it('gives the same result for consecutive runs of flights that were sent as plain data', () => {
    const runs = [0, 1, 7, 40_000, 99_999, ROWS].flatMap((end, i, ends) =>
      i === 0 ? [] : [sumsOf(rowsOf(slice, (row) => row >= ends[i - 1]! && row < end))],
    );
    const sent = runs.map((sums) => FlightSums.fromData(structuredClone(sums.toData())));
    expect(flightsResult(merged(sent), places)).toEqual(result);
  });

  it('gives the same result for any split of any flights', () => {
    const code = fc.constantFrom('ORD', 'LAX', 'JFK', 'XXX', 'DFW');
    const flight = fc.record({
      date: fc.option(fc.integer({ min: 16_304_000, max: 16_306_000 }), { freq: 20 }),
      delay: fc.option(fc.oneof(fc.integer({ min: -80, max: 90 }), fc.constantFrom(-900, 600, 1440)), {
        freq: 20,
      }),
      origin: code,
      destination: code,
      part: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(flight, { maxLength: 300 }), (flights) => {
        const parts = [0, 1, 2, 3].map((part) => sumsOf(columnsOf(flights.filter((row) => row.part === part))));
        expect(flightsResult(merged(parts), places)).toEqual(resultOf(columnsOf(flights)));
      }),
    );
  });
});

describe('odd flights', () => {
  const columns = columnsOf([
    { date: minute('2001-05-01T10:59'), delay: 15, origin: 'ORD', destination: 'XXX' },
    { date: minute('2001-05-01T11:00'), delay: 14, origin: 'ORD', destination: 'XXX' },
    { date: minute('2000-12-31T23:59'), delay: 1, origin: 'ORD', destination: 'LAX' },
    { date: minute('2002-01-01T00:00'), delay: 1, origin: 'ORD', destination: 'LAX' },
    { date: minute('2001-05-01T12:00'), delay: null, origin: 'ORD', destination: 'LAX' },
  ]);

  it('are counted where a value is missing or the year is another, and left out of the figures', () => {
    const odd = resultOf(columns);
    expect(odd).toMatchObject({ rows: 5, incomplete: 1, outsideYear: 2, total: { flights: 2, late: 1, p90Delay: 15 } });
    expect([...hourRecords(odd)].map(({ hour }) => hour)).toEqual(['2001-05-01T10:00', '2001-05-01T11:00']);
  });

  it('keep an airport that airports.csv does not know, and name it', () => {
    const odd = resultOf(columns);
    expect(odd.unknownAirports).toEqual(['XXX']);
    expect([...routeRecords(odd)]).toEqual([
      {
        origin: 'ORD',
        originCity: 'Chicago',
        originState: 'IL',
        destination: 'XXX',
        destinationCity: '',
        destinationState: '',
        miles: '',
        flights: 2,
        meanDelay: 14.5,
        p90Delay: 15,
        lateShare: 0.5,
      },
    ]);
  });

  it('are refused where the columns were decoded to other types', () => {
    const dates = { ...columns, date: [new Date(0), null, null, null, null] };
    expect(() => sumsOf(dates)).toThrow(/read with `flightReading`/);
  });
});

describe('a cascade', () => {
  it('needs three hours in a row whose mean exceeds 30 minutes', () => {
    const three = [
      ...departures('10:00', 31),
      ...departures('11:30', 100, -20),
      ...departures('12:59', 31),
      ...departures('13:00', 30),
    ];
    expect(resultOf(columnsOf(three)).cascades).toMatchObject([{ airport: 'ORD', hours: 3, flights: 4 }]);
  });

  it('ends at an hour without a flight', () => {
    const gap = [
      ...departures('10:00', 99),
      ...departures('11:00', 99),
      ...departures('13:00', 99),
      ...departures('14:00', 99),
    ];
    expect(resultOf(columnsOf(gap)).cascades).toEqual([]);
  });
});

describe('a result', () => {
  it('is marked as partial where the file has more flights than were read', () => {
    expect(flightsResult(sumsOf(slice), places, { fileRows: 3_000_000 })).toHaveProperty('partialOf', 3_000_000);
    expect(flightsResult(sumsOf(slice), places, { fileRows: ROWS })).not.toHaveProperty('partialOf');
  });

  it('of no flights is empty', () => {
    expect(resultOf(columnsOf([]))).toMatchObject({ rows: 0, airports: [], routes: [], hours: [], cascades: [] });
  });
});

function minute(clock: string): number {
  return Date.parse(`${clock}Z`) / 60_000;
}

/** Flights from one airport at one time. */
function departures(clock: string, ...delays: readonly number[]) {
  return delays.map((delay) => ({ date: minute(`2001-05-01T${clock}`), delay, origin: 'ORD', destination: 'LAX' }));
}

function columnsOf(rows: readonly Record<keyof FlightColumns, unknown>[]): FlightColumns {
  const column = (name: keyof FlightColumns) => rows.map((row) => row[name]);
  return { date: column('date'), delay: column('delay'), origin: column('origin'), destination: column('destination') };
}

function rowsOf(columns: FlightColumns, chosen: (row: number) => boolean): FlightColumns {
  const column = (values: ArrayLike<unknown>) => Array.from(values).filter((_, i) => chosen(i));
  const { date, delay, origin, destination } = columns;
  return { date: column(date), delay: column(delay), origin: column(origin), destination: column(destination) };
}

function sumsOf(columns: FlightColumns): FlightSums {
  const sums = new FlightSums();
  sums.add(columns);
  return sums;
}

function resultOf(columns: FlightColumns): FlightsResult {
  return flightsResult(sumsOf(columns), places);
}

function merged(parts: readonly FlightSums[]): FlightSums {
  const all = new FlightSums();
  for (const part of parts) all.merge(part);
  return all;
}
