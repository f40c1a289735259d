import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Picture } from '../Board.ts';
import { Chart } from '../charts/Chart.tsx';
import { HeatMap } from '../charts/HeatMap.tsx';
import { duration, percent, rate, short } from '../figures/figures.ts';
import { readKnown } from '../flow/fields.ts';
import { STAGE } from '../flow/FlowModel.ts';
import { verdict } from '../flow/verdict.ts';
import { Balance } from './Balance.tsx';
import { Counters } from './Counters.tsx';
import { closeStage } from './selection.ts';
import { useDurations } from './useDurations.ts';

/** One stage: what it does now and did in the last minutes, where its items are, and what it has to say. */
export function Detail({ picture, place }: { picture: Picture; place: number }): JSX.Element {
  const { flow, graph, tick, now } = picture;
  const stage = graph.stages[place]!;
  const { shares, ...at } = now[place]!;
  const row = tick?.stages[place];
  const { durations, version } = useDurations(flow, stage.name);
  const series = flow.stage(stage.name);
  // Charts stand still with the picture, which a paused page keeps while the history goes on.
  const shown = useRef({ picture, columns: series?.columns(...WHICH) ?? EMPTY });
  if (shown.current.picture !== picture) shown.current = { picture, columns: series?.columns(...WHICH) ?? EMPTY };
  const [times, out, held, busy, idle, back, p50, p90, p99] = shown.current.columns;
  const isBottleneck = tick?.bottleneck?.stage === place;
  const note = tick?.notes[place];
  return (
    <aside class="detail panel" aria-label={`Stage ${stage.name}`} data-test="detail">
      <div class="bar">
        <h2 class="name" title={stage.name}>
          {stage.name}
        </h2>
        {isBottleneck && <span class="flag">bottleneck</span>}
        <span class="spread" />
        <button type="button" onClick={closeStage} aria-label="Close details">
          ✕
        </button>
      </div>
      {isBottleneck && <p class="why">{verdict(graph, tick).why}</p>}
      {note !== undefined && <p class="note">{note}</p>}
      <dl class="tiles">
        <Tile term={flow.hasEnded ? 'Rate on the whole' : 'Rate now'} value={rate(at.rate)} />
        {stage.kind !== 'source' && <Tile term="Arriving" value={rate(at.arriving)} />}
        {stage.kind === 'stage' && <Tile term="Held now" value={short(at.held)} />}
        <Tile term="Busy" value={shares === undefined ? '–' : percent(shares.busy)} />
        <Tile term="Held back" value={shares === undefined ? '–' : percent(shares.heldBack)} />
        <Tile term="Half within" value={duration(readKnown(row, 'p50'))} />
        <Tile term="99 in 100" value={duration(readKnown(row, 'p99'))} />
      </dl>
      {times.length > 0 && (
        <>
          <Chart title="Values out" lines={RATE} columns={[times, out!]} format={rate} />
          {stage.kind === 'stage' && <Chart title="Queue depth" lines={HELD} columns={[times, held!]} format={short} />}
          <Chart
            title="Shares of the time"
            lines={SHARES}
            columns={[times, busy!, idle!, back!]}
            format={percent}
            top={1}
          />
          <Chart
            title="Latency so far"
            lines={LATENCY}
            columns={[times, p50!, p90!, p99!]}
            format={duration}
            isLogarithmic
          />
        </>
      )}
      <HeatMap durations={durations} version={version} />
      {stage.kind !== 'source' && <Balance row={row} droppedFor={tick?.droppedFor[place]} />}
      <Counters stage={stage} row={row} stages={graph.stages} />
    </aside>
  );
}

function Tile({ term, value }: { term: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const EMPTY: [number[], ...(number | null)[][]] = [[]];
const WHICH = [STAGE.rate, STAGE.held, STAGE.busy, STAGE.idle, STAGE.heldBack, STAGE.p50, STAGE.p90, STAGE.p99];
const RATE = [{ name: 'a second', colour: 'accent' }];
const HELD = [{ name: 'held', colour: 'accent' }];
const SHARES = [
  { name: 'busy', colour: 'busy' },
  { name: 'idle', colour: 'idle-line', dash: [6, 3] },
  { name: 'held back', colour: 'held-line', dash: [2, 2] },
];
const LATENCY = [
  { name: 'p50', colour: 'accent' },
  { name: 'p90', colour: 'second', dash: [6, 3] },
  { name: 'p99', colour: 'busy', dash: [2, 2] },
];
