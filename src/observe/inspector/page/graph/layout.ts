import { Graph, layout as arrange } from '@dagrejs/dagre';
import type { GraphStage } from '../../protocol.ts';

export type Direction = 'right' | 'down';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a node's upper left corner is. */
export type PlacedNode = Point;

export interface PlacedEdge {
  readonly from: number;
  readonly to: number;
  /** Of an SVG path. */
  readonly path: string;
  /** Where its rate stands. */
  readonly label: Point;
}

export interface Layout {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** The size of a node, which style.css has too. */
export const NODE = { width: 224, height: 90 } as const;

/** Places the stages of a flow, each after those that it takes from, with as few crossings as is worth the time. */
export function layoutOf(stages: readonly GraphStage[], direction: Direction): Layout {
  const graph = new Graph({ multigraph: false });
  const isLarge = stages.length > LARGE;
  const across = direction === 'right';
  graph.setGraph({
    rankdir: across ? 'LR' : 'TB',
    nodesep: across ? 22 : 26,
    ranksep: across ? (isLarge ? 56 : 20) : isLarge ? 34 : 14,
    edgesep: 12,
    marginx: MARGIN,
    marginy: MARGIN,
    ...(isLarge ? { ranker: 'longest-path' } : {}),
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const place of stages.keys()) graph.setNode(String(place), { ...NODE });
  const links = stages.flatMap(({ to }, from) => to.filter((it) => it in stages).map((it) => ({ from, to: it })));
  // Room for the rate costs dagre a node on every edge, which many edges are not worth.
  const room = isLarge ? {} : { width: 58, height: 18, labelpos: 'c' };
  for (const { from, to } of links) if (from !== to) graph.setEdge(String(from), String(to), { ...room });
  arrange(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    direction,
    width: Math.ceil(finite(size.width)),
    height: Math.ceil(finite(size.height)),
    nodes: stages.map((_, place) => {
      const { x, y } = graph.node(String(place)) as Point;
      return { x: Math.round(x - NODE.width / 2), y: Math.round(y - NODE.height / 2) };
    }),
    edges: (graph.edges() as readonly { v: string; w: string }[]).map(({ v, w }) => {
      const { points } = graph.edge(v, w) as { points: readonly Point[] };
      return { from: Number(v), to: Number(w), path: curve(points), label: points[Math.floor(points.length / 2)]! };
    }),
  };
}

/** Which way a flow reads best in so much width: across where it fits without becoming small, else downwards. */
export function directionFor(stages: readonly GraphStage[], width: number): Direction {
  const steps = depth(stages);
  return steps * NODE.width + (steps - 1) * STEP + 2 * MARGIN <= width / LEAST ? 'right' : 'down';
}

/** How many stages stand on the longest way through a flow. */
export function depth(stages: readonly GraphStage[]): number {
  const deep = stages.map(() => 1);
  // Each stage comes before those that it gives to, so that one pass does; a link back, which no flow has, is passed over.
  for (const [from, { to }] of stages.entries())
    for (const it of to) if (it > from && it < stages.length) deep[it] = Math.max(deep[it]!, deep[from]! + 1);
  return deep.reduce((most, it) => Math.max(most, it), 0);
}

/** A line through the points that bends at them instead of breaking. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const bends = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1]!;
    const to = i === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x} ${point.y} ${to.x} ${to.y}`;
  });
  return `M${first.x} ${first.y}${bends.length === 0 ? `L${last.x} ${last.y}` : bends.join('')}`;
}

const finite = (value: number | undefined): number => (Number.isFinite(value) ? value! : 0);

const LARGE = 120;
const MARGIN = 14;
/** Between two nodes one after the other, when going right. */
const STEP = 98;
/** The smallest scale at which a whole flow is still put across. */
const LEAST = 0.72;
