import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { verdict } from '../flow/verdict.ts';
import { showStage } from './selection.ts';

/** Which stage the others wait for and why, or what became of the flow: the first thing to read. */
export function VerdictLine({ picture: { graph, tick } }: { picture: Picture }): JSX.Element {
  const { mood, ended, stage, text, why } = verdict(graph, tick);
  const name = stage === undefined ? undefined : graph.stages[stage]?.name;
  const advice = tick?.advice ?? [];
  return (
    <section class={`verdict ${mood}`} aria-label="Verdict" data-test="verdict">
      {ended !== undefined && <p class="ended">{ended}</p>}
      {tick?.state === 'quitting' && <p class="ended">It was told to end, and finishes what it holds.</p>}
      <h2>
        {name !== undefined && (
          <button type="button" class="name" onClick={() => showStage(name)} title="Show this stage">
            {name}
          </button>
        )}
        {name === undefined ? '' : ' '}
        {text}
      </h2>
      {why !== '' && <p>{why}</p>}
      {advice.length > 0 && (
        <ul class="advice">
          {advice.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Announcement text={[ended, name, text].filter((it) => it !== undefined).join(' ')} />
    </section>
  );
}

/** The same for a screen reader, which hears it only when it has become another. */
function Announcement({ text }: { text: string }): JSX.Element {
  return (
    <span class="unseen" aria-live="polite">
      {text}
    </span>
  );
}
