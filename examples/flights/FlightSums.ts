import { AirportHours, type AirportHourSums } from './AirportHours.ts';
import { HOURS_OF_YEAR, hourOf } from './calendar.ts';
import { Codes } from './Codes.ts';
import type { FlightColumns } from './columns.ts';
import { flightArrays, NO_CODE, NO_NUMBER, type FlightArrays } from './FlightArrays.ts';
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
  readonly byRoute: DelayTable;
  /** Groups are hours of the year. */
  readonly byHour = new DelayTable();
  readonly airportHours: AirportHours;
  #rows = 0;
  #incomplete = 0;
  #outsideYear = 0;

  /** With room for so many airports and routes at first: where it is known that they are many, that saves growing. */
  constructor(room: { readonly airports?: number; readonly routes?: number } = {}) {
    this.byRoute = new DelayTable(room.routes);
    this.airportHours = new AirportHours(room.airports);
  }

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

  /** Adds flights as they are decoded. */
  add(columns: FlightColumns): void {
    this.addArrays(flightArrays(columns));
  }

  /** Adds flights whose columns are typed arrays. */
  addArrays({ date, delay, origin, destination }: FlightArrays): void {
    // The numbers that the airports have here, found when a flight that counts first names them.
    const from: number[] = [];
    const to: number[] = [];
    for (let i = 0; i < date.length; i++) {
      const minute = date[i]!;
      const late = delay[i]!;
      const code = origin.numbers[i]!;
      const toCode = destination.numbers[i]!;
      const hour = hourOf(minute);
      if (minute === NO_NUMBER || late === NO_NUMBER || code === NO_CODE || toCode === NO_CODE) {
        this.#incomplete++;
      } else if (hour < 0 || hour >= HOURS_OF_YEAR) {
        this.#outsideYear++;
      } else {
        const airport = (from[code] ??= this.codes.number(origin.codes[code]!));
        this.#addFlight(hour, late, airport, (to[toCode] ??= this.codes.number(destination.codes[toCode]!)));
      }
    }
    this.#rows += date.length;
  }

  merge(other: FlightSums): void {
    this.mergeData(other.toData());
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
    sums.mergeData(data);
    return sums;
  }

  /** Adds the sums of other flights. */
  mergeData(data: FlightSumsData): void {
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

  #addFlight(hour: number, delay: number, from: number, to: number): void {
    this.byAirport.add(from, delay, 1);
    this.byRoute.add(this.routes.number(from, to), delay, 1);
    this.byHour.add(hour, delay, 1);
    this.airportHours.add(from, hour, delay, 1);
  }
}
