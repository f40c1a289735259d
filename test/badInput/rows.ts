import type { Row } from './Row.ts';
import { coreRows } from './rows/core.ts';
import { limitsRows } from './rows/limits.ts';
import { observeRows } from './rows/observe.ts';
import { operatorRows } from './rows/operators.ts';
import { parallelRows } from './rows/parallel.ts';
import { resilienceRows } from './rows/resilience.ts';
import { shapingRows } from './rows/shaping.ts';
import { sinkRows } from './rows/sinks.ts';
import { sourceRows } from './rows/sources.ts';
import { sources2Rows } from './rows/sources2.ts';
import { syncRows } from './rows/sync.ts';
import { testingRows } from './rows/testing.ts';

/** A row for every public function. */
export const ROWS: readonly Row[] = [
  ...sourceRows,
  ...operatorRows,
  ...parallelRows,
  ...sinkRows,
  ...observeRows,
  ...testingRows,
  ...coreRows,
  ...syncRows,
  ...limitsRows,
  ...shapingRows,
  ...resilienceRows,
  ...sources2Rows,
];
