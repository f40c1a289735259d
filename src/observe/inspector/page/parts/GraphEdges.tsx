import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { GraphStage } from '../../protocol.ts';
import { rate } from '../figures/figures.ts';
import type { StageNow } from '../flow/stageNow.ts';
import { edgeRate, sourcesOf } from '../graph/edgeRate.ts';
import type { Layout } from '../graph/layout.ts';

interface Props {
  readonly layout: Layout;
  readonly stages: readonly GraphStage[];
  readonly now: readonly StageNow[];
}

/** The links of the flow, each with how many values go along it. Nodes say the same in words, so it is hidden from readers. */
export function GraphEdges({ layout, stages, now }: Props): JSX.Element {
  const sources = useMemo(() => sourcesOf(stages), [stages]);
  const lines = useMemo(
    () => layout.edges.map(({ from, to, path }) => <path key={`${from} ${to}`} d={path} marker-end="url(#arrow)" />),
    [layout],
  );
  return (
    <svg class="edges" width={layout.width} height={layout.height} aria-hidden="true">
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
          <path d="M0 0.5L7.5 4L0 7.5z" />
        </marker>
      </defs>
      {lines}
      {layout.edges.map((edge) => {
        const flowing = edgeRate(edge, stages, sources, now);
        if (flowing === undefined) return null;
        return (
          <text key={`${edge.from} ${edge.to}`} x={Math.round(edge.label.x)} y={Math.round(edge.label.y) + 4}>
            {rate(flowing)}
          </text>
        );
      })}
    </svg>
  );
}
