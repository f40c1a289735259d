import type { JSX } from 'preact';
import { board } from '../pageBoard.ts';
import { lasted, whole } from '../figures/figures.ts';

/** The flows of the program, of which one is shown: its state, for how long, and how much it has brought. */
export function FlowTabs(): JSX.Element {
  const picture = board.picture.value;
  return (
    <nav class="flows" aria-label="Flows">
      {board.flows.value.map((flow) => {
        const isShown = flow.id === picture?.flow.id;
        const { tick } = flow;
        const shown = isShown ? picture.tick : tick;
        const state = shown?.state ?? 'starting';
        return (
          <button
            type="button"
            key={flow.id}
            class="flow-tab"
            aria-current={isShown ? 'true' : undefined}
            onClick={() => board.choose(flow.id)}
          >
            <strong>{flow.graph.name}</strong>
            <span class={`state ${state}`}>{WORDS[state]}</span>
            {shown !== undefined && (
              <span class="faint figures">
                {lasted(shown.elapsed)} · {whole(shown.results)} results
              </span>
            )}
          </button>
        );
      })}
    </nav>
  );
}

const WORDS = {
  starting: 'starting',
  running: 'running',
  quitting: 'finishing',
  completed: 'completed',
  quit: 'ended',
  aborted: 'aborted',
  failed: 'failed',
} as const;
