/**
 * The flow of the flagship without its report: reads the flights through gates and stages, and draws the results.
 *
 * Prints its time and totals as one line of JSON, as `plain.ts` does.
 */
import { fromParquet } from 'sluice/parquet';
import { run, workerPool } from 'sluice';
import { flightReading } from '../../examples/flights/columns.ts';
import { FlightSums } from '../../examples/flights/FlightSums.ts';
import { files } from '../../examples/flights/files.ts';
import { readPlaces } from '../../examples/flights/places.ts';
import { flightsResult } from '../../examples/flights/result.ts';

const start = performance.now();
const sums = new FlightSums();
const flow = fromParquet(files.flights, flightReading).pipe(workerPool(({ columns }) => sums.add(columns)));
await run(flow, { name: 'flights' }).done;
const result = flightsResult(sums, readPlaces(files.airports), { fileRows: 3_000_000 });
const figures = {
  elapsed: Math.round(performance.now() - start),
  rows: result.rows,
  delayMinutes: result.total?.delayMinutes,
  maxRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
