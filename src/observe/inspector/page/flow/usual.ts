import type { ThreadReport } from '../../../report.ts';
import type { FlowTick, Graph } from '../../protocol.ts';
import { readKnown } from './fields.ts';

/**
 * Gives the milliseconds within which 99 in 100 items are done of the stage that a thread works for. A thread says its name without the number
 * that tells stages of one name apart: of all on its pool that it may be, the slowest.
 */
export function usual(thread: ThreadReport, graph: Graph, tick: FlowTick | undefined): number | undefined {
  const known = graph.stages.flatMap(({ name, pool }, place) =>
    pool === thread.pool && isCalled(name, thread.stage) ? (readKnown(tick?.stages[place], 'p99') ?? []) : [],
  );
  return known.length === 0 ? undefined : Math.max(...known);
}

function isCalled(name: string, bare: string | undefined): boolean {
  return bare !== undefined && name.startsWith(bare) && /^( \d+)?$/.test(name.slice(bare.length));
}
