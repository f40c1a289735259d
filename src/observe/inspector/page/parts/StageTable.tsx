import type { JSX } from 'preact';
import type { Picture } from '../Board.ts';
import { duration, percent, rate, short } from '../figures/figures.ts';
import { readKnown } from '../flow/fields.ts';
import { chooseStage } from './selection.ts';

/** The same as the graph in rows, for those who would rather read, or hear, a list. */
export function StageTable({ picture: { graph, tick, now } }: { picture: Picture }): JSX.Element {
  return (
    <div class="scrolled">
      <table class="stages" data-test="table">
        <thead>
          <tr>
            {[
              'Stage',
              'Rate',
              'Held',
              'Busy',
              'Idle',
              'Held back',
              'Half within',
              '99 in 100',
              'Failed',
              'Dropped',
              'To',
            ].map((title) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {graph.stages.map(({ name, kind, to }, place) => {
            const { shares, ...stage } = now[place]!;
            const row = tick?.stages[place];
            const share = (it: keyof NonNullable<typeof shares>): string =>
              shares === undefined ? '–' : percent(shares[it]);
            return (
              <tr key={name} class={place === tick?.bottleneck?.stage ? 'bottleneck' : ''}>
                <th scope="row">
                  <button type="button" class="name" onClick={() => chooseStage(name)}>
                    {name}
                  </button>
                  {place === tick?.bottleneck?.stage && <span class="flag">bottleneck</span>}
                </th>
                <td>{rate(stage.rate)}</td>
                <td>{kind === 'stage' ? short(stage.held) : '–'}</td>
                <td>{share('busy')}</td>
                <td>{share('idle')}</td>
                <td>{share('heldBack')}</td>
                <td>{duration(readKnown(row, 'p50'))}</td>
                <td>{duration(readKnown(row, 'p99'))}</td>
                <td class={stage.failed > 0 ? 'bad' : ''}>{short(stage.failed)}</td>
                <td class={stage.dropped > 0 ? 'bad' : ''}>{short(stage.dropped)}</td>
                <td class="text">{to.map((it) => graph.stages[it]?.name).join(', ') || 'end'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
