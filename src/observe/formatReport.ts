import { checkReport } from './checkReport.ts';
import { duration } from './duration.ts';
import type { FlowStats, Report, StageReport } from './report.ts';

/**
 * Puts a report, or the counters of a flow that still runs, into a table for the terminal: a line for each source and
 * stage, the bottleneck, and what might help.
 *
 * @example
 * ```ts
 * console.log(formatReport(await run(flow).done));
 * ```
 *
 * @param report What `run(...).done` gives, or `run(...).stats()`.
 * @returns Lines of plain text, without colour and without a line break at the end.
 * @throws TypeError if `report` is no report.
 */
export function formatReport(report: FlowStats | Report): string {
  checkReport(report);
  const ended = 'ended' in report ? ` ${ENDED[report.ended]}` : ' runs';
  const head = `flow "${report.name}"${ended} after ${duration(report.elapsed)}, ${count(report.results)} results`;
  const lines = [head, '', ...table(report.stages)];
  const notes = report.stages
    .filter(({ note }) => note !== undefined)
    .map(({ name, note }) => `note: "${name}" ${note}`);
  if (notes.length > 0) lines.push('', ...notes);
  if (report.lateErrors > 0) lines.push('', `${count(report.lateErrors)} items failed after their stage had ended`);
  if ('ended' in report) {
    if (report.abandoned > 0) lines.push('', `${count(report.abandoned)} items were abandoned`);
    if (report.bottleneck !== undefined)
      lines.push('', `bottleneck: "${report.bottleneck.name}": ${report.bottleneck.why}`);
    for (const advice of report.advice) lines.push(`advice: ${advice}`);
  }
  return lines.join('\n');
}

const ENDED: Record<Report['ended'], string> = {
  completed: 'completed',
  quit: 'was told to quit and ended cleanly',
  aborted: 'was aborted',
  failed: 'failed',
};

/** A column: its heading and what a stage shows in it. Columns that are empty everywhere are left out. */
const COLUMNS: readonly (readonly [string, (stage: StageReport) => string])[] = [
  ['stage', ({ name, kind }) => (kind === 'source' ? `${name} (source)` : name)],
  ['in', (stage) => some(stage.in)],
  ['out', (stage) => count(stage.out)],
  ['failed', (stage) => some(stage.failed)],
  ['dropped', (stage) => some(stage.dropped)],
  ['merged', (stage) => some(stage.merged)],
  ['dead', (stage) => some(stage.deadLettered)],
  ['abandoned', (stage) => some(stage.abandoned)],
  ['held', (stage) => some(stage.held)],
  ['peak', (stage) => some(stage.peak)],
  ['at once', (stage) => (stage.concurrency > 0 ? count(stage.concurrency) : '')],
  ['busy', (stage) => share(stage, stage.busy)],
  ['held back', (stage) => share(stage, stage.heldBack)],
  ['idle', (stage) => share(stage, stage.idle)],
  ['p50', (stage) => (stage.p50 === undefined ? '' : duration(stage.p50))],
  ['p99', (stage) => (stage.p99 === undefined ? '' : duration(stage.p99))],
];

function table(stages: readonly StageReport[]): string[] {
  const columns = COLUMNS.map(([heading, show]) => [heading, ...stages.map(show)]).filter(([, ...cells]) =>
    cells.some((cell) => cell !== ''),
  );
  return Array.from({ length: stages.length + 1 }, (_, row) =>
    columns
      .map((cells, column) => {
        const width = Math.max(...cells.map((cell) => cell.length));
        return column === 0 ? cells[row]!.padEnd(width) : cells[row]!.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function some(value: number): string {
  return value === 0 ? '' : count(value);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function share(stage: StageReport, time: number): string {
  return `${Math.round((time / (stage.busy + stage.heldBack + stage.idle || 1)) * 100)} %`;
}
