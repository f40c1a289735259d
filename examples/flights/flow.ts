import { workerPool } from 'sluice';
import { fromParquet } from 'sluice/parquet';
import type { Observable } from 'rxjs';
import { flightReading } from './columns.ts';
import { files } from './files.ts';
import type { FlightSums } from './FlightSums.ts';

/** How many flights the file has. */
export const FLIGHTS = 3_000_000;

/** Reads the flights row group by row group and adds them to `sums`. Emits how many there are so far. */
export function sumFlights(sums: FlightSums): Observable<number> {
  return fromParquet(files.flights, flightReading).pipe(
    workerPool(
      ({ columns }) => {
        sums.add(columns);
        return sums.rows;
      },
      { name: 'sum up' },
    ),
  );
}
