import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clock } from '../figures/figures.ts';
import { colourOf, isDark } from '../theme.ts';

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** Of the style sheets. */
  readonly colour: string;
  /** Lengths of strokes and gaps, so that lines differ without colours too. */
  readonly dash?: readonly number[];
}

interface Props {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Moments in seconds, then the figures of each line. */
  readonly columns: readonly [number[], ...(number | null)[][]];
  readonly format: (value: number) => string;
  /** The top of the scale, where it is always the same. */
  readonly top?: number;
  /** Whether the steps of the scale are powers of two. */
  readonly isBinary?: boolean;
  /** Whether each step of the scale is ten times the one before. */
  readonly isLogarithmic?: boolean;
}

/** Lines over time, with what they stand at now. */
export function Chart(props: Props): JSX.Element {
  const { title, lines, columns, format } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const dark = isDark.value;
  useEffect(() => {
    const place = box.current!;
    const made = new uPlot(optionsOf(props, place.clientWidth), dataOf(columns), place);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: HEIGHT }));
    observer.observe(place);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [dark]);
  const last = columns[0].at(-1);
  useEffect(() => plot.current?.setData(dataOf(columns)), [last, columns[0].length]);
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        {lines.map(({ name, colour, dash }, i) => (
          <span key={name} class="key">
            <svg width="16" height="8" aria-hidden="true">
              <path d="M0 4H16" class={`line ${colour}`} stroke-dasharray={dash?.join(' ')} />
            </svg>
            {name} <b>{text(columns[i + 1]?.at(-1), format)}</b>
          </span>
        ))}
      </figcaption>
      <div ref={box} class="plot" aria-hidden="true" />
    </figure>
  );
}

const text = (value: number | null | undefined, format: Props['format']): string =>
  value === null || value === undefined ? '–' : format(value);

/** What is not changed by the chart, although its type says so. */
function dataOf(columns: Props['columns']): uPlot.AlignedData {
  return columns as unknown as uPlot.AlignedData;
}

function optionsOf({ lines, format, top, isBinary, isLogarithmic }: Props, width: number): uPlot.Options {
  const [ink, grid] = [colourOf('faint'), colourOf('line')];
  const font = '10px system-ui, sans-serif';
  const axis = { stroke: ink, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const range: uPlot.Scale.Range = isLogarithmic
    ? (_, least, most) => (most > 0 ? decades(least, most) : [0.1, 10])
    : (_, __, most) => [0, top ?? (most > 0 ? most * 1.15 : 1)];
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [6, 22, 0, 0],
    scales: {
      x: { time: false, range: ({ data }) => rangeOf(data[0]) },
      y: { range, ...(isLogarithmic ? { distr: 3 as const } : {}) },
    },
    axes: [
      { ...axis, size: 18, gap: 2, space: 74, values: (_, moments) => moments.map((it) => clock(it * 1000)) },
      {
        ...axis,
        ...(isBinary ? { incrs: POWERS } : {}),
        size: 52,
        gap: 4,
        space: 26,
        values: (_, values) => values.map((it) => (it === null ? '' : format(it))),
      },
    ],
    series: [
      {},
      ...lines.map(({ colour, dash }) => ({
        stroke: colourOf(colour),
        width: 1.5,
        points: { show: false },
        ...(dash === undefined ? {} : { dash: [...dash] }),
      })),
    ],
  };
}

/** From the first moment to the last, however few there are. */
function rangeOf(moments: ArrayLike<number>): [number, number] {
  const to = moments[moments.length - 1] ?? 0;
  return [Math.min(moments[0] ?? to, to - SHORTEST), to];
}

/** Whole powers of ten around two values. */
function decades(least: number, most: number): [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)));
  const high = 10 ** Math.ceil(Math.log10(most));
  return [low, high > low ? high : low * 10];
}

const POWERS = Array.from({ length: 40 }, (_, i) => 2 ** i);
const HEIGHT = 108;
/** Seconds that a chart shows at least. */
const SHORTEST = 30;
