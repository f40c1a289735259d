import { HOURS_OF_YEAR } from './calendar.ts';

/** The hours in which airports had departures, as four columns. */
export interface AirportHourSums {
  readonly airports: Uint32Array;
  readonly hours: Uint32Array;
  readonly flights: Uint32Array;
  readonly delayMinutes: Int32Array;
}

/** One airport's year: how many flights left in each hour, and the sum of their delays in minutes. */
export interface HourlySums {
  readonly flights: Uint32Array;
  readonly delayMinutes: Int32Array;
}

/** Sums of delays for each airport and each hour of the year. Takes 70 KB for each airport. */
export class AirportHours {
  readonly #airports: (HourlySums | undefined)[] = [];

  add(airport: number, hour: number, delayMinutes: number, flights: number): void {
    const sums = (this.#airports[airport] ??= noFlights());
    sums.flights[hour]! += flights;
    sums.delayMinutes[hour]! += delayMinutes;
  }

  of(airport: number): HourlySums {
    return this.#airports[airport] ?? noFlights();
  }

  toSums(): AirportHourSums {
    const rows: [airport: number, hour: number, flights: number, delayMinutes: number][] = [];
    for (const [airport, sums] of this.#airports.entries()) {
      for (const [hour, flights] of sums?.flights.entries() ?? []) {
        if (flights > 0) rows.push([airport, hour, flights, sums!.delayMinutes[hour]!]);
      }
    }
    return {
      airports: Uint32Array.from(rows, ([airport]) => airport),
      hours: Uint32Array.from(rows, ([, hour]) => hour),
      flights: Uint32Array.from(rows, ([, , flights]) => flights),
      delayMinutes: Int32Array.from(rows, ([, , , delayMinutes]) => delayMinutes),
    };
  }

  /** Adds another's sums; `renumber` gives this one's number for an airport of the other. */
  addSums({ airports, hours, flights, delayMinutes }: AirportHourSums, renumber: (airport: number) => number): void {
    for (let i = 0; i < airports.length; i++) {
      this.add(renumber(airports[i]!), hours[i]!, delayMinutes[i]!, flights[i]!);
    }
  }
}

function noFlights(): HourlySums {
  return { flights: new Uint32Array(HOURS_OF_YEAR), delayMinutes: new Int32Array(HOURS_OF_YEAR) };
}
