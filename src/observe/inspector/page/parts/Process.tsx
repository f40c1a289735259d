import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Picture } from '../Board.ts';
import { Chart } from '../charts/Chart.tsx';
import { bytes, duration, percent } from '../figures/figures.ts';
import { board } from '../pageBoard.ts';

/** How the process fares that the flows run in. */
export function Process({ picture }: { picture: Picture }): JSX.Element | null {
  const shown = useRef({ picture, columns: board.process.columns(0, 1, 2, 3) });
  if (shown.current.picture !== picture) shown.current = { picture, columns: board.process.columns(0, 1, 2, 3) };
  const [times, delay, memory, heap, cpu] = shown.current.columns;
  if (times.length === 0) return null;
  return (
    <section class="panel wide" aria-label="Process" data-test="process">
      <h2>Process</h2>
      <div class="charts">
        <Chart title="Event-loop delay" lines={DELAY} columns={[times, delay!]} format={duration} />
        <Chart title="Memory" lines={MEMORY} columns={[times, memory!, heap!]} format={bytes} isBinary />
        <Chart title="Processor" lines={CPU} columns={[times, cpu!]} format={percent} />
      </div>
    </section>
  );
}

const DELAY = [{ name: 'longest', colour: 'accent' }];
const MEMORY = [
  { name: 'all', colour: 'accent' },
  { name: 'heap', colour: 'second', dash: [6, 3] },
];
const CPU = [{ name: 'of one core', colour: 'accent' }];
