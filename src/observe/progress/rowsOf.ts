import type { FlowFigures, StageFigures } from './FlowProgress.ts';
import { heading } from './heading.ts';
import { plain } from './plain.ts';

/** A line of what is drawn: a stage, or words. */
export type Row = { readonly stage: StageFigures; readonly ended: boolean } | { readonly words: string };

/**
 * Lays flows out in as many lines as there are: a heading for each, and a line for each of its sources and stages in their order.
 * Where they do not fit, those that the flow waits for come first, and a last line says how many there are besides.
 */
export function rowsOf(flows: readonly FlowFigures[], lines: number): Row[] {
  if (lines < 1) return [];
  const rows: Row[] = [];
  const shown = flows.length <= lines ? flows : flows.slice(0, lines - 1);
  for (const [i, flow] of shown.entries()) {
    // What one flow does not need, those after it have.
    const left = lines - rows.length - (shown.length < flows.length ? 1 : 0);
    rows.push(...rowsOfFlow(flow, Math.floor(left / (shown.length - i))));
  }
  if (shown.length < flows.length) rows.push({ words: `and ${flows.length - shown.length} more flows` });
  return rows;
}

function rowsOfFlow(flow: FlowFigures, lines: number): Row[] {
  const { stages, busiest } = flow;
  const head = { words: `${plain(flow.name)}  ${heading(flow)}` };
  const ended = flow.ended !== undefined;
  if (stages.length < lines) return [head, ...stages.map((stage) => ({ stage, ended }))];
  if (lines < 2) return [head];
  const shown = busiest.slice(0, lines - 2);
  const more = stages.length - shown.length;
  return [head, ...shown.map((stage) => ({ stage, ended })), { words: `  and ${more} more` }];
}
