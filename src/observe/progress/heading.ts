import type { Report } from '../report.ts';
import { clock } from './clock.ts';
import type { FlowFigures } from './FlowProgress.ts';

/** How far a flow as a whole is, without its name: 0:12, 3,412 results. */
export function heading({ elapsed, results, quitting, ended }: FlowFigures): string {
  const number = `${results.toLocaleString('en-US')} ${results === 1 ? 'result' : 'results'}`;
  if (ended !== undefined) return `${ENDED[ended]} after ${clock(elapsed)}, ${number}`;
  return `${clock(elapsed)}, ${number}${quitting ? ', is ending' : ''}`;
}

const ENDED: Record<Report['ended'], string> = {
  completed: 'completed',
  quit: 'was told to quit and ended cleanly',
  aborted: 'was aborted',
  failed: 'failed',
};
