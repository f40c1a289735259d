import { fromIterable, workerPool } from 'sluice';
import { parallel, type ThreadPool } from 'sluice/parallel';
import { fromParquet, parquetInfo } from 'sluice/parquet';
import type { Observable } from 'rxjs';
import { flightReading } from './columns.ts';
import { files } from './files.ts';
import { decodeColumn, sumRowGroup, type ColumnPlace } from './flights.task.ts';
import type { FlightSums } from './FlightSums.ts';
import { joinColumns } from './joinColumns.ts';

/** How many flights the file has. */
export const FLIGHTS = 3_000_000;

/**
 * Decodes the flights on threads, sums up each row group on them, too, and merges what comes of it into `sums`. Emits how many
 * flights there are so far.
 *
 * The pieces of work are columns of row groups: whole row groups are too few to keep many threads at work to the end.
 */
export function sumFlights(sums: FlightSums, threads: ThreadPool): Observable<number> {
  return fromIterable(columnPlaces).pipe(
    parallel(decodeColumn, { threads, transfer: 'auto' }),
    joinColumns(),
    parallel(sumRowGroup, { threads, transfer: true }),
    workerPool(
      (partial) => {
        sums.mergeData(partial);
        return sums.rows;
      },
      { name: 'merge' },
    ),
  );
}

/** The same on this thread alone: reads the flights row group by row group and adds them to `sums`. */
export function sumFlightsHere(sums: FlightSums): Observable<number> {
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

async function* columnPlaces(): AsyncGenerator<ColumnPlace> {
  const { rowGroups } = await parquetInfo(files.flights);
  for (const rowGroup of rowGroups.keys()) {
    for (const column of flightReading.columns) yield { rowGroup, column };
  }
}
