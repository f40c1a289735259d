import { Component, type JSX } from 'preact';
import type { Face } from '../graph/face.ts';
import type { Point } from '../graph/layout.ts';
import { chooseStage } from './selection.ts';
import { ShareBar } from './ShareBar.tsx';

interface Props {
  readonly face: Face;
  readonly at: Point;
  readonly isChosen: boolean;
  readonly isEntry: boolean;
  readonly onFocus: (name: string) => void;
}

/** A stage in the graph. It is drawn again only if it shows something else than before: there may be hundreds. */
export class GraphNode extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { face, at, isChosen, isEntry } = this.props;
    return face.key !== next.face.key || at !== next.at || isChosen !== next.isChosen || isEntry !== next.isEntry;
  }

  override render({ face, at, isChosen, isEntry, onFocus }: Props): JSX.Element {
    const { name, kind, held, shares, marks, isBottleneck } = face;
    const tone = face.mainly.replace(' ', '-');
    return (
      <button
        type="button"
        class={`node ${kind} ${tone}${isBottleneck ? ' bottleneck' : ''}`}
        style={{ left: `${at.x}px`, top: `${at.y}px` }}
        tabIndex={isEntry ? 0 : -1}
        aria-label={face.spoken}
        aria-pressed={isChosen}
        data-stage={name}
        onClick={() => chooseStage(name)}
        onFocus={() => onFocus(name)}
      >
        {isBottleneck && <span class="flag">bottleneck</span>}
        <span class="title" title={name}>
          <span class="name">{name}</span>
          {kind !== 'stage' && <span class="faint">{kind}</span>}
        </span>
        <span class="now">
          <b>{face.rate}</b>
          {held !== undefined && <span>{held} held</span>}
          {marks.length > 0 && (
            <span class={marks.some(({ isNew }) => isNew) ? 'mark new' : 'mark'}>
              {marks.map(({ text }) => text).join(' · ')}
            </span>
          )}
        </span>
        <ShareBar shares={shares} />
        <span class="shares">
          {shares === undefined
            ? face.kind === 'stretch'
              ? 'counted, not timed'
              : 'no work timed yet'
            : `${shares[0]}% busy · ${shares[1]}% idle · ${shares[2]}% held back`}
        </span>
      </button>
    );
  }
}
