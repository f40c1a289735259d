import { checkReport } from './checkReport.ts';
import { duration } from './duration.ts';
import type { FlowStats, Report, StageReport, ThreadReport } from './report.ts';

/**
 * Puts a report, or the counters of a flow that still runs, into tables for the terminal: a line for each source and stage, and one
 * for each thread; whether every item is accounted for; the bottleneck, and what might help.
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
  checkReport(report, 'formatReport', 'report');
  const ended = 'ended' in report ? ` ${ENDED[report.ended]}` : ' runs';
  const head = `flow "${report.name}"${ended} after ${duration(report.elapsed)}, ${count(report.results)} results`;
  const lines = [head, '', ...table(report.stages, STAGE_COLUMNS)];
  if (report.threads.length > 0) lines.push('', ...table(report.threads, THREAD_COLUMNS));
  lines.push('', balance(report.stages));
  const notes = report.stages
    .filter(({ note }) => note !== undefined)
    .map(({ name, note }) => `note: "${name}" ${note}`);
  const dropped = report.stages.flatMap(({ name, droppedFor }) =>
    Object.entries(droppedFor).map(([reason, items]) => `dropped: "${name}" gave up ${count(items)} (${reason})`),
  );
  const gauges = report.gauges.map(({ kind, name, state, figures }) => {
    const shown = Object.entries(figures).map(([figure, value]) => `${figure} ${count(value)}`);
    return `${kind} "${name}": ${[state ?? [], shown].flat().join(', ')}`;
  });
  const more = [...notes, ...dropped, ...gauges];
  if (more.length > 0) lines.push('', ...more);
  if (report.lateErrors > 0) lines.push('', `${count(report.lateErrors)} items failed after their stage had ended`);
  if ('ended' in report) {
    if (report.abandoned > 0) lines.push('', `${count(report.abandoned)} items were abandoned`);
    if (report.bottleneck !== undefined)
      lines.push('', `bottleneck: "${report.bottleneck.name}": ${report.bottleneck.why}`);
    else if (report.noBottleneck !== undefined) lines.push('', `no bottleneck: ${report.noBottleneck}`);
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

/** A column: its heading and what a row shows in it. Columns that are empty everywhere are left out. */
type Column<Row> = readonly [string, (row: Row) => string];

const STAGE_COLUMNS: readonly Column<StageReport>[] = [
  ['stage', ({ name, kind }) => (kind === 'source' ? `${name} (source)` : name)],
  ['in', (stage) => some(stage.in)],
  ['out', (stage) => count(stage.out)],
  ['failed', (stage) => some(stage.failed)],
  ['retried', (stage) => some(stage.retried)],
  ['dropped', (stage) => some(stage.dropped)],
  ['merged', (stage) => some(stage.merged)],
  ['dead', (stage) => some(stage.deadLettered)],
  ['abandoned', (stage) => some(stage.abandoned)],
  ['held', (stage) => some(stage.held)],
  ['peak', (stage) => some(stage.peak)],
  ['at once', ({ concurrency, used }) => (concurrency > 0 ? `${used.toFixed(1)} of ${count(concurrency)}` : '')],
  ['rate', ({ rate }) => (rate > 0 ? `${short(rate)}/s` : '')],
  ['busy', (stage) => share(stage, stage.busy)],
  ['held back', (stage) => share(stage, stage.heldBack)],
  ['idle', (stage) => share(stage, stage.idle)],
  ['waited', ({ waited }) => took(waited)],
  ['p50', ({ p50 }) => took(p50)],
  ['p90', ({ p90 }) => took(p90)],
  ['p99', ({ p99 }) => took(p99)],
];

const THREAD_COLUMNS: readonly Column<ThreadReport>[] = [
  ['thread', ({ pool, thread }) => `${pool} ${thread}`],
  ['items', ({ items }) => count(items)],
  ['busy', ({ busy, time: lived }) => `${Math.round((busy / (lived || 1)) * 100)} %`],
  ['restarts', ({ restarts }) => some(restarts)],
  ['heap', ({ heap = 0 }) => megabytes(heap)],
  ['outside it', ({ external }) => megabytes(external)],
  ['now', ({ state, stage }) => (stage === undefined ? '' : `${state} for "${stage}"`)],
];

function megabytes(bytes: number): string {
  return bytes < 2 ** 20 ? '' : `${count(Math.round(bytes / 2 ** 20))} MB`;
}

/** Whether the counters of all stages add up. */
function balance(stages: readonly StageReport[]): string {
  const wrong = stages.filter(({ unaccounted }) => unaccounted !== 0);
  if (wrong.length === 0) return 'every item is accounted for';
  return wrong.map(({ name, unaccounted }) => `"${name}" cannot account for ${count(unaccounted)} items`).join('\n');
}

function table<Row>(rows: readonly Row[], allColumns: readonly Column<Row>[]): string[] {
  const columns = allColumns
    .map(([heading, show]) => [heading, ...rows.map((row) => show(row))])
    .filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return Array.from({ length: rows.length + 1 }, (_, row) =>
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

function took(ms: number | undefined): string {
  return ms === undefined ? '' : duration(ms);
}

/** A rate in as few figures as say enough. */
function short(rate: number): string {
  return rate >= 100 ? count(Math.round(rate)) : String(Number(rate.toPrecision(2)));
}

function share(stage: StageReport, time: number): string {
  // It has no time of its own.
  if (stage.kind === 'stretch') return '';
  return `${Math.round((time / (stage.busy + stage.heldBack + stage.idle || 1)) * 100)} %`;
}
