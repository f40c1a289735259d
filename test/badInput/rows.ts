import type { Row } from './Row.ts';
import { coreRows } from './rows/core.ts';
import { observeRows } from './rows/observe.ts';
import { operatorRows } from './rows/operators.ts';
import { parallelRows } from './rows/parallel.ts';
import { sinkRows } from './rows/sinks.ts';
import { sourceRows } from './rows/sources.ts';
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
];
