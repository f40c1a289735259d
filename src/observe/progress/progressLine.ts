import { cut } from './cut.ts';
import { figureTexts } from './figureTexts.ts';
import type { FlowFigures } from './FlowProgress.ts';
import { heading } from './heading.ts';
import { plain } from './plain.ts';

/** Says in a line how far a flow is: as a whole, then its sources and stages, at most eight and those that it waits for if there are more. */
export function progressLine(flow: FlowFigures): string {
  const { stages, busiest, ended } = flow;
  const shown = stages.length <= MOST ? stages : busiest.slice(0, MOST - 1);
  const parts = shown.map(
    (stage) => `${cut(plain(stage.name), NAME)} ${figureTexts(stage, ended !== undefined).join(' ')}`,
  );
  if (shown.length < stages.length) parts.push(`and ${stages.length - shown.length} more`);
  return [`flow "${cut(plain(flow.name), NAME)}": ${heading(flow)}`, ...parts].join('; ');
}

const MOST = 8;
const NAME = 60;
