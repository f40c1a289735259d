/**
 * The program in the README: lines of a file, in batches, to a slow database that holds the file back.
 *
 *     npm run example first
 *
 * Prints what every stage did.
 */
import { batch, formatReport, lines, run, workerPool } from 'sluice';
import { filter } from 'rxjs';

const save = (rows: string[]) => new Promise<number>((done) => setTimeout(() => done(rows.length), 50)); // a slow database

const flow = lines('node_modules/vega-datasets/data/airports.csv').pipe(
  filter((line) => line.includes(',TX,')), // any operator of RxJS fits in between
  batch({ size: 5 }),
  workerPool(save, { concurrency: 4 }),
);

const report = await run(flow, { name: 'airports', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(formatReport(report));
