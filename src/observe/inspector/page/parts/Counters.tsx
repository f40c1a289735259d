import type { JSX } from 'preact';
import type { GraphStage } from '../../protocol.ts';
import { duration, lasted, whole } from '../figures/figures.ts';
import { read, readKnown, type Row } from '../flow/fields.ts';

interface Props {
  readonly stage: GraphStage;
  readonly row: Row | undefined;
  readonly stages: readonly GraphStage[];
}

/** The other counters of a stage, since the beginning. */
export function Counters({ stage, row, stages }: Props): JSX.Element {
  const count = (field: Parameters<typeof read>[1]): string => whole(read(row, field));
  const concurrency = read(row, 'concurrency');
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Values out', count('out')],
    ['Of', stage.total === undefined ? undefined : whole(stage.total)],
    ['Most ever held', stage.kind === 'stage' ? count('peak') : undefined],
    [
      'Concurrency',
      concurrency === 0 ? undefined : `${used(row)} of ${concurrency < 0 ? '∞' : whole(concurrency)} used`,
    ],
    ['Tried again', count('retried')],
    ['Came while full', count('overrun')],
    ['Busy', lasted(read(row, 'busy'))],
    ['Held back', lasted(read(row, 'heldBack'))],
    ['Idle', lasted(read(row, 'idle'))],
    ['Waited on average', optional(readKnown(row, 'waited'))],
    ['9 in 10 took', optional(readKnown(row, 'p90'))],
    ['Pool', stage.pool],
    ['Gives to', stage.to.map((it) => stages[it]?.name).join(', ') || 'the end of the flow'],
  ];
  return (
    <section data-test="counters">
      <h3>Since the start</h3>
      <dl class="counters">
        {rows.map(
          ([term, value]) =>
            value !== undefined && (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}

const used = (row: Row | undefined): string => (readKnown(row, 'used') ?? 0).toFixed(1).replace(/\.0$/, '');

const optional = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : duration(ms));
