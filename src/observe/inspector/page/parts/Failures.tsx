import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { lasted, whole } from '../figures/figures.ts';
import { showStage } from './selection.ts';

/** The last failures, the newest first, each with its stage and item. */
export function Failures({ picture: { graph, tick } }: { picture: Picture }): JSX.Element | null {
  const failures = (tick?.failures ?? []).toReversed();
  const late = tick?.lateErrors ?? 0;
  if (failures.length === 0 && late === 0)
    return (
      <section class="panel errors" aria-label="Last errors" data-test="failures">
        <h2>Last errors</h2>
        <p class="faint">None.</p>
      </section>
    );
  return (
    <section class="panel errors" aria-label="Last errors" data-test="failures">
      <h2>Last errors</h2>
      {late > 0 && <p class="note">{whole(late)} more came after their stage had ended.</p>}
      <ol class="failures">
        {failures.map(({ at, stage, error, index, item, attempt }, i) => (
          <li key={`${at} ${i}`}>
            <span class="faint when">at {lasted(at)}</span>
            {graph.stages.some(({ name }) => name === stage) ? (
              <button type="button" class="name link" onClick={() => showStage(stage)}>
                {stage}
              </button>
            ) : (
              <span class="name">{stage}</span>
            )}
            <span class="error">{error}</span>
            <span class="item">
              {index !== undefined && <span class="faint">item {whole(index)} </span>}
              {item !== undefined && <code>{item}</code>}
              {attempt !== undefined && attempt > 1 && <span class="faint"> try {attempt}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
