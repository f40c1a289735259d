import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { Zoom } from '../graph/Zoom.ts';
import { GraphView } from './GraphView.tsx';
import { StageTable } from './StageTable.tsx';

const view = signal<'graph' | 'table'>('graph');
const zoom = new Zoom();

/** The stages of the flow, as a graph or as a table. */
export function Flow({ picture }: { picture: Picture }): JSX.Element {
  return (
    <section class="flow panel" aria-label="Stages">
      <div class="bar">
        <div class="switch" role="group" aria-label="View">
          {(['graph', 'table'] as const).map((it) => (
            <button type="button" key={it} aria-pressed={view.value === it} onClick={() => (view.value = it)}>
              {it === 'graph' ? 'Graph' : 'Table'}
            </button>
          ))}
        </div>
        <Legend />
        <span class="spread" />
        {view.value === 'graph' && (
          <div class="switch" role="group" aria-label="Size">
            <button type="button" aria-label="Smaller" onClick={() => zoom.change(1 / 1.25)}>
              −
            </button>
            <button type="button" onClick={() => zoom.fit()} aria-pressed={zoom.isFitted}>
              Fit
            </button>
            <button type="button" aria-label="Larger" onClick={() => zoom.change(1.25)}>
              +
            </button>
          </div>
        )}
      </div>
      {view.value === 'graph' ? <GraphView picture={picture} zoom={zoom} /> : <StageTable picture={picture} />}
    </section>
  );
}

/** What the colours and patterns of the shares mean. */
function Legend(): JSX.Element {
  return (
    <ul class="legend" aria-label="Shares of the time">
      <li title="At work on items">
        <i class="swatch busy" /> busy
      </li>
      <li title="Waiting for input, or with spare places">
        <i class="swatch idle" /> idle
      </li>
      <li title="Had something to send, and what lies below was full">
        <i class="swatch held" /> held back
      </li>
    </ul>
  );
}
