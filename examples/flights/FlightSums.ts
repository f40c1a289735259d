import { AirportHours, type AirportHourSums } from './AirportHours.ts';
import { HOURS_OF_YEAR, hourOf } from './calendar.ts';
import { Codes } from './Codes.ts';
import type { FlightColumns } from './columns.ts';
import { DelayTable, type DelayCounts } from './DelayTable.ts';
import { Routes } from './Routes.ts';

/** All sums as strings, numbers and typed arrays, as they may be sent to another thread or written to a file. */
export interface FlightSumsData {
  readonly rows: number;
  readonly incomplete: number;
  readonly outsideYear: number;
  readonly codes: readonly string[];
  /** The airports, by their place in `codes`, that each route leaves from and leads to. */
  readonly routesFrom: Uint32Array;
  readonly routesTo: Uint32Array;
  readonly byAirport: DelayCounts;
  readonly byRoute: DelayCounts;
  readonly byHour: DelayCounts;
  readonly airportHours: AirportHourSums;
}

/**
 * Counts delays by airport of departure, by route and by hour of 2001.
 *
 * Flights may be added in any order and split over any number of sums, which `merge` joins. Memory grows with the number
 * of airports, routes and hours, not of flights.
 */
export class FlightSums {
  readonly codes = new Codes();
  readonly routes = new Routes();
  /** Groups are numbers of `codes`. */
  readonly byAirport = new DelayTable();
  /** Groups are numbers of `routes`. */
  readonly byRoute = new DelayTable();
  /** Groups are hours of the year. */
  readonly byHour = new DelayTable();
  readonly airportHours = new AirportHours();
  #rows = 0;
  #incomplete = 0;
  #outsideYear = 0;

  /** How many rows were added. */
  get rows(): number {
    return this.#rows;
  }

  /** How many of the rows were left out because a value was missing. */
  get incomplete(): number {
    return this.#incomplete;
  }

  /** How many of the rows were left out because they lie outside 2001. */
  get outsideYear(): number {
    return this.#outsideYear;
  }

  add({ date, delay, origin, destination }: FlightColumns): void {
    for (let i = 0; i < date.length; i++) {
      const minute = date[i];
      const late = delay[i];
      const from = origin[i];
      const to = destination[i];
      if (
        typeof minute === 'number' &&
        typeof late === 'number' &&
        typeof from === 'string' &&
        typeof to === 'string'
      ) {
        this.#addFlight(hourOf(minute), late, from, to);
      } else {
        this.#addIncomplete([minute, late, from, to]);
      }
    }
    this.#rows += date.length;
  }

  merge(other: FlightSums): void {
    this.#addData(other.toData());
  }

  toData(): FlightSumsData {
    return {
      rows: this.#rows,
      incomplete: this.#incomplete,
      outsideYear: this.#outsideYear,
      codes: [...this.codes.list],
      routesFrom: Uint32Array.from(this.routes.from),
      routesTo: Uint32Array.from(this.routes.to),
      byAirport: this.byAirport.toCounts(),
      byRoute: this.byRoute.toCounts(),
      byHour: this.byHour.toCounts(),
      airportHours: this.airportHours.toSums(),
    };
  }

  static fromData(data: FlightSumsData): FlightSums {
    const sums = new FlightSums();
    sums.#addData(data);
    return sums;
  }

  #addFlight(hour: number, delay: number, from: string, to: string): void {
    if (hour < 0 || hour >= HOURS_OF_YEAR) {
      this.#outsideYear++;
      return;
    }
    const airport = this.codes.number(from);
    this.byAirport.add(airport, delay, 1);
    this.byRoute.add(this.routes.number(airport, this.codes.number(to)), delay, 1);
    this.byHour.add(hour, delay, 1);
    this.airportHours.add(airport, hour, delay, 1);
  }

  #addIncomplete(values: readonly unknown[]): void {
    if (values.every((value) => value !== null && value !== undefined)) {
      throw new TypeError(
        `A flight must be a date and a delay as numbers, and two codes as strings: read with \`flightReading\`. ` +
          `Received ${values.map((value) => typeof value).join(', ')}`,
      );
    }
    this.#incomplete++;
  }

  #addData(data: FlightSumsData): void {
    const airports = data.codes.map((code) => this.codes.number(code));
    const routes = Array.from(data.routesFrom, (from, i) =>
      this.routes.number(airports[from]!, airports[data.routesTo[i]!]!),
    );
    this.byAirport.addCounts(data.byAirport, (airport) => airports[airport]!);
    this.byRoute.addCounts(data.byRoute, (route) => routes[route]!);
    this.byHour.addCounts(data.byHour, (hour) => hour);
    this.airportHours.addSums(data.airportHours, (airport) => airports[airport]!);
    this.#rows += data.rows;
    this.#incomplete += data.incomplete;
    this.#outsideYear += data.outsideYear;
  }
}
