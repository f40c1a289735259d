import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { GraphView } from './GraphView.tsx';
import { StageTable } from './StageTable.tsx';

const view = signal<'graph' | 'table'>('graph');
/** How large the graph is drawn; `undefined` as it fits. */
const zoom = signal<number | undefined>(undefined);

/** The stages of the flow, as a graph or as a table. */
export function Flow({ picture }: { picture: Picture }): JSX.Element {
  const change = (by: number): void => {
    zoom.value = Math.min(Math.max((zoom.value ?? 1) * by, 0.25), 2);
  };
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
            <button type="button" aria-label="Smaller" onClick={() => change(1 / 1.25)}>
              −
            </button>
            <button type="button" onClick={() => (zoom.value = undefined)} aria-pressed={zoom.value === undefined}>
              Fit
            </button>
            <button type="button" aria-label="Larger" onClick={() => change(1.25)}>
              +
            </button>
          </div>
        )}
      </div>
      {view.value === 'graph' ? <GraphView picture={picture} zoom={zoom.value} /> : <StageTable picture={picture} />}
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
