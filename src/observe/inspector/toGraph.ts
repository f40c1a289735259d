import type { FlowStats } from '../report.ts';
import type { Graph } from './protocol.ts';

/** The stages of a flow and their links, as the page is told of them. */
export function toGraph(flow: number, started: number, { name, stages }: FlowStats): Graph {
  const places = new Map(stages.map((stage, place) => [stage.name, place]));
  return {
    flow,
    name,
    started,
    stages: stages.map((stage) => ({
      name: stage.name,
      kind: stage.kind,
      to: stage.to.map((below) => places.get(below)).filter((place) => place !== undefined),
      ...(stage.pool === undefined ? {} : { pool: stage.pool }),
      ...(stage.total === undefined ? {} : { total: stage.total }),
    })),
  };
}
