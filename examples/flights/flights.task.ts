import { fromParquet } from 'sluice/parquet';
import { task } from 'sluice/task';
import { firstValueFrom } from 'rxjs';
import { flightReading, type FlightColumn } from './columns.ts';
import { files } from './files.ts';
import { codeColumn, numberArray, type CodeColumn, type FlightArrays } from './FlightArrays.ts';
import { FlightSums } from './FlightSums.ts';

/** Which column of which row group. */
export interface ColumnPlace {
  readonly rowGroup: number;
  readonly column: FlightColumn;
}

/** A column of a row group, as typed arrays. */
export interface DecodedColumn extends ColumnPlace {
  readonly values: Int32Array | CodeColumn;
}

/** Reads and decodes one column of one row group. */
export const decodeColumn = task(import.meta.url, 'decode', async ({ rowGroup, column }: ColumnPlace) => {
  const reading = { ...flightReading, columns: [column], rowGroups: [rowGroup] };
  const { columns } = await firstValueFrom(fromParquet(files.flights, reading));
  const isCode = column === 'origin' || column === 'destination';
  const values = isCode ? codeColumn(columns[column]) : numberArray(columns[column]);
  return { rowGroup, column, values } satisfies DecodedColumn;
});

/** Sums up the flights of a row group. */
export const sumRowGroup = task(import.meta.url, 'sum up', (flights: FlightArrays) => {
  const sums = new FlightSums({ airports: 256, routes: 4096 });
  sums.addArrays(flights);
  return sums.toData();
});
