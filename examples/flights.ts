/**
 * Three million flights, from a Parquet file to a page of charts: which airports, routes and hours run late.
 *
 *     npm start -- [--out DIR] [--inspect]
 *
 * Decodes the columns of the row groups on all cores, with back-pressure, sums up delays per airport, route and hour there, too, merges
 * what the threads have summed up, finds the cascades (three or more hours in a row at one airport with a mean delay above 30 minutes),
 * and writes into `out/`: `hours.ndjson`, `routes.csv` and `report.html`. Prints a summary, how busy the threads were, and what every
 * stage did. `SLUICE_THREADS=1 npm start` runs on one thread, for comparison; `--inspect` shows the flow live on a page.
 *
 * Ctrl-C ends it early: what has been read by then is written, and marked as partial. While it writes, what is unfinished is left out.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatReport, fromIterable, encodeNdjson, quitSignal, run, toFile } from 'sluice';
import { encodeCsv } from 'sluice/csv';
import { ThreadPool } from 'sluice/parallel';
import { merge, takeUntil, tap } from 'rxjs';
import { files } from './flights/files.ts';
import { FlightSums } from './flights/FlightSums.ts';
import { FLIGHTS, sumFlights } from './flights/flow.ts';
import { readPlaces } from './flights/places.ts';
import { showProgress } from './flights/progress.ts';
import { hourRecords, routeColumns, routeRecords, type HourRecord, type RouteRecord } from './flights/records.ts';
import { renderReport } from './flights/report/renderReport.ts';
import { flightsResult } from './flights/result.ts';
import { summary } from './flights/summary.ts';
import { threadTimes } from './flights/threadTimes.ts';

const { out, inspect } = parseArgs({
  options: { out: { type: 'string', default: 'out' }, inspect: { type: 'boolean', default: false } },
}).values;
const quitOn = ['SIGINT', 'SIGTERM'] as const;

const sums = new FlightSums();
const threads = new ThreadPool();
const reading = run(sumFlights(sums, threads), { name: 'flights', quitOn, inspect });
const stopShowing = showProgress(() => sums.rows, FLIGHTS);
const report = await reading.done.finally(stopShowing);
await threads.close();

const result = flightsResult(sums, readPlaces(files.airports), { fileRows: FLIGHTS });
const page = renderReport(result, {
  elapsed: report.elapsed,
  peakMemory: peakMemory(),
  report: formatReport(report),
});

await mkdir(out, { recursive: true });
const path = {
  hours: join(out, 'hours.ndjson'),
  routes: join(out, 'routes.csv'),
  page: join(out, 'report.html'),
};
const writing = merge(
  fromIterable<HourRecord>(() => hourRecords(result)).pipe(encodeNdjson(), toFile(path.hours, { name: path.hours })),
  fromIterable<RouteRecord>(() => routeRecords(result)).pipe(
    encodeCsv<RouteRecord>({ columns: routeColumns }),
    toFile(path.routes, { name: path.routes }),
  ),
  fromIterable([page]).pipe(toFile(path.page, { name: path.page })),
);
// A file is written whole or not at all, so a signal does not end the rows early: it gives up what is not in its place.
const quit$ = quitSignal(...quitOn).pipe(tap((signal) => (process.exitCode = signal === 'SIGINT' ? 130 : 143)));
const { results: written } = await run(writing.pipe(takeUntil(quit$)), { name: 'writing' }).done;

console.log(summary(result));
console.log(threadTimes(report, threads.size));
console.log(`\n${formatReport(report)}`);
console.log(`\npeak memory ${Math.round(peakMemory() / 2 ** 20)} MB`);
console.log(`\n${written === 3 ? Object.values(path).join('\n') : 'stopped before every file was written'}`);

function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
