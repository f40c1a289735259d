/**
 * The floor that the flagship is measured against: the same columns of the same file by hyparquet, row group by row
 * group, and the same sums, in plain loops. Nothing of sluice is in it.
 *
 *     npx tsx bench/flights/plain.ts
 *
 * Prints its time and totals as one line of JSON: `decode` is the time spent in hyparquet, `sums` in counting and
 * `result` in drawing the results from the counts, all in milliseconds.
 */
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, type DecodedArray } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { flightReading, type FlightColumns } from '../../examples/flights/columns.ts';
import { FlightSums } from '../../examples/flights/FlightSums.ts';
import { files } from '../../examples/flights/files.ts';
import { readPlaces } from '../../examples/flights/places.ts';
import { flightsResult } from '../../examples/flights/result.ts';

const { columns, parsers } = flightReading;

const start = performance.now();
const file = await asyncBufferFromFile(fileURLToPath(files.flights));
const metadata = await parquetMetadataAsync(file);
// A plain 64-bit integer read as a decimal of scale 0 comes as a number rather than a bigint, which is faster.
metadata.schema = metadata.schema.map((element) =>
  element.type === 'INT64' && element.logical_type === undefined
    ? { ...element, converted_type: 'DECIMAL', scale: 0, precision: 19 }
    : element,
);

const sums = new FlightSums();
let counting = 0;
for (const group of metadata.row_groups) {
  const read = {} as Record<(typeof columns)[number], DecodedArray>;
  for (const column of columns) {
    await parquetRead({
      file,
      metadata: { ...metadata, row_groups: [group], num_rows: group.num_rows },
      columns: [column],
      parsers,
      compressors,
      onChunk: ({ columnData }) => void (read[column] = columnData),
    });
  }
  const before = performance.now();
  sums.add(read satisfies FlightColumns);
  counting += performance.now() - before;
}
const counted = performance.now();
const result = flightsResult(sums, readPlaces(files.airports), { fileRows: Number(metadata.num_rows) });
const end = performance.now();

const figures = {
  elapsed: Math.round(end - start),
  decode: Math.round(counted - start - counting),
  sums: Math.round(counting),
  result: Math.round(end - counted),
  rows: result.rows,
  delayMinutes: result.total?.delayMinutes,
  airports: result.airports.length,
  routes: result.routes.length,
  hours: result.hours.length,
  cascades: result.cascades.length,
  maxRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
