import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { short } from '../figures/figures.ts';

/** Circuit breakers and limits that the flow uses. */
export function Gauges({ picture: { tick } }: { picture: Picture }): JSX.Element | null {
  const gauges = tick?.gauges ?? [];
  if (gauges.length === 0) return null;
  return (
    <section class="panel" aria-label="Breakers and limits" data-test="gauges">
      <h2>Breakers and limits</h2>
      <ul class="gauges">
        {gauges.map(({ kind, name, state, figures }, i) => (
          <li key={`${kind} ${name} ${i}`}>
            <span class="faint">{kind}</span>
            <span class="name" title={name}>
              {name}
            </span>
            {state !== undefined && <span class={`pill ${TONES[state] ?? 'wait'}`}>{state}</span>}
            <dl>
              {Object.entries(figures).map(([term, value]) => (
                <div key={term}>
                  <dt>{term}</dt>
                  <dd>{short(value)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}

const TONES: Readonly<Record<string, string>> = { closed: 'good', open: 'bad', isolated: 'bad' };
