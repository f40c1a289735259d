import type { StageReport } from '../report.ts';

/** Whether two looks at the stages of a flow show the same graph. */
export function isSameGraph(a: readonly StageReport[], b: readonly StageReport[]): boolean {
  return a.length === b.length && a.every((stage, i) => isSameStage(stage, b[i]!));
}

function isSameStage(a: StageReport, b: StageReport): boolean {
  return (
    a.name === b.name &&
    a.kind === b.kind &&
    a.pool === b.pool &&
    a.total === b.total &&
    a.to.length === b.to.length &&
    a.to.every((below, i) => below === b.to[i])
  );
}
