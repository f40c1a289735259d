import type { JSX } from 'preact';
import type { ThreadReport } from '../../../report.ts';
import { sparkline } from '../charts/sparkline.ts';
import { bytes, percent, whole } from '../figures/figures.ts';
import { lane } from '../flow/lane.ts';

interface Props {
  readonly thread: ThreadReport;
  /** Milliseconds within which 99 in 100 items of its stage are done. */
  readonly usual: number | undefined;
  /** Share of each of the last sixty seconds at work. */
  readonly utilisation: readonly (number | null)[];
}

/** What one thread does, for how long, and how it fared. */
export function ThreadLane({ thread, usual, utilisation }: Props): JSX.Element {
  const { pool, thread: place, busy, time, items, restarts, external, heap = 0 } = thread;
  const { state, text } = lane(thread, usual);
  const share = utilisation.at(-1) ?? (time > 0 ? Math.min(busy / time, 1) : 0);
  return (
    <li class={`lane ${state}`}>
      <span class="who">
        <span class="name" title={pool}>
          {pool}
        </span>
        <span class="faint">#{place}</span>
      </span>
      <span class="doing" title={text}>
        <i class="dot" aria-hidden="true" />
        {text}
      </span>
      <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={sparkline(utilisation, WIDTH, HEIGHT, 60)} />
      </svg>
      <span class="figures">
        <b title="At work in the last second">{percent(share)}</b>
        <span>{whole(items)} items</span>
        <span class={restarts > 0 ? 'bad' : 'faint'}>
          {whole(restarts)} {restarts === 1 ? 'restart' : 'restarts'}
        </span>
        <span class="faint">
          {bytes(heap)} heap, {bytes(external)} external
        </span>
      </span>
    </li>
  );
}

const WIDTH = 120;
const HEIGHT = 22;
