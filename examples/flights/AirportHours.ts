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
  #airports = 0;
  /** The hours of the year of the first airport, then those of the second, and so on. */
  #flights: Uint32Array;
  #delayMinutes: Int32Array;
  /** No departure was before the first of these hours, or after the last. */
  #first = HOURS_OF_YEAR;
  #last = -1;

  /** With room for so many airports at first. */
  constructor(airports = 8) {
    this.#flights = new Uint32Array(airports * HOURS_OF_YEAR);
    this.#delayMinutes = new Int32Array(airports * HOURS_OF_YEAR);
  }

  add(airport: number, hour: number, delayMinutes: number, flights: number): void {
    if (airport >= this.#airports) this.#grow(airport + 1);
    if (hour < this.#first) this.#first = hour;
    if (hour > this.#last) this.#last = hour;
    const at = airport * HOURS_OF_YEAR + hour;
    this.#flights[at]! += flights;
    this.#delayMinutes[at]! += delayMinutes;
  }

  of(airport: number): HourlySums {
    if (airport >= this.#airports) this.#grow(airport + 1);
    const [start, end] = [airport * HOURS_OF_YEAR, (airport + 1) * HOURS_OF_YEAR];
    return { flights: this.#flights.subarray(start, end), delayMinutes: this.#delayMinutes.subarray(start, end) };
  }

  toSums(): AirportHourSums {
    const most = this.#airports * Math.max(this.#last - this.#first + 1, 0);
    const airports = new Uint32Array(most);
    const hours = new Uint32Array(most);
    const flights = new Uint32Array(most);
    const delayMinutes = new Int32Array(most);
    let rows = 0;
    for (let airport = 0; airport < this.#airports; airport++) {
      for (let hour = this.#first; hour <= this.#last; hour++) {
        const at = airport * HOURS_OF_YEAR + hour;
        const left = this.#flights[at]!;
        if (left === 0) continue;
        airports[rows] = airport;
        hours[rows] = hour;
        flights[rows] = left;
        delayMinutes[rows++] = this.#delayMinutes[at]!;
      }
    }
    return {
      airports: airports.slice(0, rows),
      hours: hours.slice(0, rows),
      flights: flights.slice(0, rows),
      delayMinutes: delayMinutes.slice(0, rows),
    };
  }

  /** Adds another's sums; `renumber` gives this one's number for an airport of the other. */
  addSums({ airports, hours, flights, delayMinutes }: AirportHourSums, renumber: (airport: number) => number): void {
    for (let i = 0; i < airports.length; i++) {
      this.add(renumber(airports[i]!), hours[i]!, delayMinutes[i]!, flights[i]!);
    }
  }

  #grow(airports: number): void {
    this.#airports = airports;
    const room = this.#flights.length;
    if (airports * HOURS_OF_YEAR <= room) return;
    const wanted = Math.max(airports * HOURS_OF_YEAR, room * 2);
    const flights = new Uint32Array(wanted);
    const delayMinutes = new Int32Array(wanted);
    flights.set(this.#flights);
    delayMinutes.set(this.#delayMinutes);
    this.#flights = flights;
    this.#delayMinutes = delayMinutes;
  }
}
