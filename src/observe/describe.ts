import type { FlowStats, StageReport } from './report.ts';
import { checkReport } from './checkReport.ts';

/** The stages of a flow and how they are linked. As JSON it is what `nodes` and `edges` say. */
export interface FlowDescription {
  readonly name: string;
  readonly nodes: readonly { readonly name: string; readonly kind: StageReport['kind'] }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  /** A flowchart in the language of Mermaid, https://mermaid.js.org. */
  readonly mermaid: string;
  /** A graph in the language of Graphviz, https://graphviz.org. */
  readonly dot: string;
}

/**
 * Describes the graph of a flow: which sources and stages it has, and where the values of each go.
 *
 * @example
 * ```ts
 * console.log(describe(run(flow).stats()).mermaid);
 * // flowchart LR
 * //   n0(["lines"])
 * //   n1["store"]
 * //   n0 --> n1
 * ```
 *
 * @see `formatReport`, for what the stages did.
 * @param stats What `run(...).stats()` or `run(...).done` gives: the flow as far as it has been subscribed by then.
 * @throws TypeError if `stats` is something else.
 */
export function describe(stats: FlowStats): FlowDescription {
  checkReport(stats, 'describe', 'stats');
  const { name, stages } = stats;
  const edges = stages.flatMap((stage) => stage.to.map((to) => ({ from: stage.name, to })));
  const graph = { name, nodes: stages.map((stage) => ({ name: stage.name, kind: stage.kind })), edges };
  const id = new Map(stages.map((stage, i) => [stage.name, `n${i}`]));
  // Not enumerable, so that JSON has the graph once.
  const description: unknown = Object.defineProperties(graph, {
    mermaid: { get: () => toMermaid(graph, id) },
    dot: { get: () => toDot(graph, id) },
  });
  return description as FlowDescription;
}

type Graph = Pick<FlowDescription, 'name' | 'nodes' | 'edges'>;
type Ids = ReadonlyMap<string, string>;

function toMermaid({ nodes, edges }: Graph, id: Ids): string {
  const shapes = { source: ['([', '])'], stage: ['[', ']'], stretch: ['>', ']'] } as const;
  return [
    'flowchart LR',
    ...nodes.map(({ name, kind }) => {
      const [open, close] = shapes[kind];
      return `  ${id.get(name)}${open}"${escapeEntities(name)}"${close}`;
    }),
    ...edges.map(({ from, to }) => `  ${id.get(from)} --> ${id.get(to)}`),
  ].join('\n');
}

function toDot({ name, nodes, edges }: Graph, id: Ids): string {
  const shapes = { source: 'ellipse', stage: 'box', stretch: 'cds' } as const;
  return [
    `digraph ${quote(name)} {`,
    '  rankdir=LR;',
    ...nodes.map((node) => `  ${id.get(node.name)} [label=${quote(node.name)}, shape=${shapes[node.kind]}];`),
    ...edges.map(({ from, to }) => `  ${id.get(from)} -> ${id.get(to)};`),
    '}',
  ].join('\n');
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Everything that Mermaid or HTML could take for something else, as Mermaid wants it. */
function escapeEntities(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} ._:/-]/gu, (char) => `#${char.codePointAt(0)};`);
}
