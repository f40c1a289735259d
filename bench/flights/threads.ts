/**
 * The flow of the flagship on threads, without its report: decodes and sums up on as many as the argument says, merges what comes of
 * it, and draws the results.
 *
 * Prints its time and totals as one line of JSON, as `plain.ts` does.
 */
import { run } from 'sluice';
import { ThreadPool } from 'sluice/parallel';
import { FlightSums } from '../../examples/flights/FlightSums.ts';
import { files } from '../../examples/flights/files.ts';
import { FLIGHTS, sumFlights } from '../../examples/flights/flow.ts';
import { readPlaces } from '../../examples/flights/places.ts';
import { flightsResult } from '../../examples/flights/result.ts';

const start = performance.now();
const threads = new ThreadPool({ threads: Number(process.argv[2]) });
const sums = new FlightSums();
await run(sumFlights(sums, threads), { name: 'flights' }).done;
const summed = performance.now();
const result = flightsResult(sums, readPlaces(files.airports), { fileRows: FLIGHTS });
const figures = {
  elapsed: Math.round(performance.now() - start),
  sums: Math.round(summed - start),
  rows: result.rows,
  delayMinutes: result.total?.delayMinutes,
  maxRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
