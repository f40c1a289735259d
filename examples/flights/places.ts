import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** Where an airport is. */
export interface Place {
  readonly code: string;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Reads `airports.csv` (iata, name, city, state, country, latitude, longitude) into a map by IATA code. */
export function readPlaces(file: string | URL): Map<string, Place> {
  const rows = parse<Record<string, string>>(readFileSync(file), { columns: true, bom: true, skip_empty_lines: true });
  return new Map(rows.map(place).map((found) => [found.code, found]));
}

function place({ iata = '', name = '', city = '', state = '', latitude, longitude }: Record<string, string>): Place {
  return { code: iata, name, city, state, latitude: Number(latitude), longitude: Number(longitude) };
}

const EARTH_RADIUS_MILES = 3958.8;

/** The great-circle distance, in miles (haversine formula). */
export function milesBetween(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const half = (degrees: number) => Math.sin((degrees * rad) / 2) ** 2;
  const h =
    half(b.latitude - a.latitude) +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * half(b.longitude - a.longitude);
  return 2 * EARTH_RADIUS_MILES * Math.asin(Math.sqrt(h));
}
