/** Sums up the whole file on one thread, and prints what the flagship has to come to. */
import { run } from 'sluice';
import { files } from '../../../examples/flights/files.ts';
import { FlightSums } from '../../../examples/flights/FlightSums.ts';
import { FLIGHTS, sumFlightsHere } from '../../../examples/flights/flow.ts';
import { readPlaces } from '../../../examples/flights/places.ts';
import { hourRecords, routeRecords } from '../../../examples/flights/records.ts';
import { renderReport } from '../../../examples/flights/report/renderReport.ts';
import { flightsResult } from '../../../examples/flights/result.ts';
import { summary } from '../../../examples/flights/summary.ts';

/** What the program prints, as JSON. */
export type OnOneThread = typeof found;

const sums = new FlightSums();
await run(sumFlightsHere(sums)).done;
const result = flightsResult(sums, readPlaces(files.airports), { fileRows: FLIGHTS });
const found = {
  rows: result.rows,
  minutes: result.total?.delayMinutes,
  summary: summary(result),
  hours: [...hourRecords(result)],
  routes: [...routeRecords(result)],
  page: renderReport(result),
};
process.stdout.write(JSON.stringify(found));
