import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Picture } from '../Board.ts';
import { board } from '../pageBoard.ts';
import { face } from '../graph/face.ts';
import { directionFor, layoutOf } from '../graph/layout.ts';
import { keyTarget } from '../graph/keyTarget.ts';
import type { Zoom } from '../graph/Zoom.ts';
import { GraphEdges } from './GraphEdges.tsx';
import { GraphNode } from './GraphNode.tsx';

/** The flow as a graph: arrow keys go from stage to stage, Enter opens one. */
export function GraphView({ picture, zoom }: { picture: Picture; zoom: Zoom }): JSX.Element {
  const { graph, tick, now } = picture;
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [reached, setReached] = useState<string>();
  useLayoutEffect(() => {
    const place = box.current!;
    const measure = (): void => setWidth(place.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    measure();
    return () => observer.disconnect();
  }, []);
  const direction = directionFor(graph.stages, width);
  const layout = useMemo(
    () => (width === 0 ? undefined : layoutOf(graph.stages, direction)),
    [graph, direction, width === 0],
  );
  // One node is reached by Tab, the others from there by arrows.
  const wanted = reached ?? board.stage.value ?? graph.stages[tick?.bottleneck?.stage ?? 0]?.name;
  const entry = Math.max(
    graph.stages.findIndex(({ name }) => name === wanted),
    0,
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const nodes = [...box.current!.querySelectorAll<HTMLElement>('.node')];
    const from = nodes.indexOf(document.activeElement as HTMLElement);
    if (from < 0 || layout === undefined) return;
    const to = keyTarget(layout.nodes, from, event);
    if (to === undefined) return;
    event.preventDefault();
    nodes[to]?.focus();
  };
  const scale = layout === undefined ? 1 : zoom.scale(layout.width, width);
  // A graph of usual size scrolls with the page; a page of nothing else would hide what stands below.
  const isTall = layout !== undefined && layout.height * scale > TALL;
  return (
    <div
      class={isTall ? 'graph tall' : 'graph'}
      ref={box}
      onKeyDown={onKeyDown}
      data-test="graph"
      data-direction={direction}
    >
      {layout !== undefined && (
        <div class="sized" style={{ width: px(layout.width * scale), height: px(layout.height * scale) }}>
          <div
            class="drawn"
            style={{ width: px(layout.width), height: px(layout.height), transform: `scale(${scale})` }}
          >
            <GraphEdges layout={layout} stages={graph.stages} now={now} />
            {graph.stages.map((stage, place) => (
              <GraphNode
                key={stage.name}
                face={face(stage, now[place]!, place === tick?.bottleneck?.stage)}
                at={layout.nodes[place]!}
                isChosen={stage.name === board.stage.value}
                isEntry={place === entry}
                onFocus={setReached}
              />
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

const TALL = 1000;

const px = (length: number): string => `${length}px`;
