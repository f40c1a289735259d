import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const data = new URL('../data/', pathToFileURL(createRequire(import.meta.url).resolve('vega-datasets')));

/** The files of the `vega-datasets` package that the example reads. */
export const files = {
  /** 3,000,000 flights in 11 row groups. */
  flights: new URL('flights-3m.parquet', data),
  /** Code, name, city, state and coordinates of 3,376 airports. */
  airports: new URL('airports.csv', data),
  /** The outlines of the states, as TopoJSON. */
  states: new URL('us-10m.json', data),
};
