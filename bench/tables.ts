import { jobsTable } from './jobs.ts';
import { keyed } from './keyed.ts';
import { pipeline } from './pipeline.ts';
import { closedCircuit, openCircuit } from './resilience/circuit.ts';
import { hedging } from './resilience/hedging.ts';
import { rateLimiting } from './resilience/rateLimiting.ts';
import { longSight, sight } from './sight.ts';
import type { Table } from './Table.ts';

/** The tables of contenders, by the word that chooses them on the command line. */
export const tables: Readonly<Record<string, readonly Table[]>> = {
  pipeline: [pipeline],
  jobs: [jobsTable('microtask'), jobsTable('setImmediate')],
  keyed: [keyed],
  sight: [sight, longSight],
  resilience: [openCircuit, closedCircuit, rateLimiting, hedging],
};
