import { jobsTable } from './jobs.ts';
import { keyed } from './keyed.ts';
import { pipeline } from './pipeline.ts';
import type { Table } from './Table.ts';

/** The tables of contenders, by the word that chooses them on the command line. */
export const tables: Readonly<Record<string, readonly Table[]>> = {
  pipeline: [pipeline],
  jobs: [jobsTable('microtask'), jobsTable('setImmediate')],
  keyed: [keyed],
};
