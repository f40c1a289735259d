import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { duration } from '../figures/figures.ts';
import { quantile, upTo, type Durations } from '../flow/Durations.ts';
import { colourOf, isDark } from '../theme.ts';

interface Props {
  readonly durations: Durations;
  /** Changes whenever there is more to draw. */
  readonly version: number;
}

/** How long the work took, second by second: the darker a field, the more items; a line where half of them were done. */
export function HeatMap({ durations, version }: Props): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark.value;
  useEffect(() => draw(canvas.current!, durations), [durations, version, dark]);
  const { columns, total } = durations;
  const last = columns.at(-1)?.counts ?? [];
  const among = last.some((it) => it > 0) ? last : total;
  return (
    <figure class="chart" data-test="heatmap">
      <figcaption>
        <span>Time an item took</span>
        <span class="key">
          half within <b>{duration(quantile(among, 0.5))}</b>
        </span>
        <span class="key">
          99 in 100 <b>{duration(quantile(among, 0.99))}</b>
        </span>
      </figcaption>
      <canvas ref={canvas} class="heat" aria-hidden="true" />
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, { columns, total }: Durations): void {
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const paint = canvas.getContext('2d');
  if (paint === null) return;
  paint.scale(ratio, ratio);
  paint.font = '10px system-ui, sans-serif';
  paint.fillStyle = colourOf('faint');
  const first = total.findIndex((it) => it > 0);
  if (first < 0) {
    paint.fillText('No item has been timed yet.', LEFT, height / 2);
    return;
  }
  const low = Math.max(first - 2, 0);
  const high = total.findLastIndex((it) => it > 0) + 2;
  const [wide, tall] = [(width - LEFT) / SECONDS, (height - 4) / (high - low + 1)];
  const top = (bucket: number): number => height - 2 - (bucket - low + 1) * tall;
  const every = Math.max(Math.ceil(14 / tall / 4) * 4, 4);
  for (let bucket = Math.ceil(low / every) * every; bucket <= high; bucket += every) {
    paint.fillStyle = colourOf('faint');
    paint.textAlign = 'right';
    paint.fillText(duration(upTo(bucket)), LEFT - 6, Math.max(top(bucket) + 4, 9));
  }
  const most = Math.max(1, ...columns.map(({ counts }) => Math.max(...counts)));
  const [ink, mark] = [colourOf('accent'), colourOf('ink')];
  for (const [i, { counts }] of columns.entries()) {
    const x = width - (columns.length - i) * wide;
    paint.fillStyle = ink;
    for (const [bucket, count] of counts.entries()) {
      if (count === 0) continue;
      paint.globalAlpha = 0.12 + (0.88 * Math.log1p(count)) / Math.log1p(most);
      paint.fillRect(x, top(bucket), Math.max(wide - 0.5, 0.5), Math.max(tall - 0.5, 0.5));
    }
    paint.globalAlpha = 1;
    const half = quantile(counts, 0.5);
    if (half === undefined) continue;
    paint.fillStyle = mark;
    paint.fillRect(x, top(Math.round(4 * Math.log2(half * 1000))), wide, 1.5);
  }
}

const LEFT = 52;
/** As many as are kept. */
const SECONDS = 120;
