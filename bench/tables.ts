import { jobsTable } from './jobs.ts';
import { pipeline } from './pipeline.ts';
import type { Table } from './Table.ts';

/** The tables of contenders, by the word that chooses one on the command line. */
export const tables: Readonly<Record<string, Table>> = {
  pipeline,
  microtask: jobsTable('microtask'),
  setImmediate: jobsTable('setImmediate'),
};
