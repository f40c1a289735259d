import { hourDate } from '../calendar.ts';
import type { FlightsResult, TimeResult } from '../result.ts';
import { delayColor, delayLegend } from './delayColor.ts';
import { figure } from './figure.ts';
import { dayOf, statsLines } from '../format.ts';
import { html, type Markup } from './html.ts';
import { axisX, axisY, barY, gridY, ruleY, text } from './plot.js';

/** A day needs this share of an average day's flights to be drawn; the file ends a few minutes into its last. */
const ENOUGH = 0.01;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Mean delay of each day. */
export function byDay({ days, total }: FlightsResult): Markup {
  const enough = ((total?.flights ?? 0) / days.length) * ENOUGH;
  const shown = days.filter(({ stats }) => stats.flights >= enough);
  const worst = shown.toSorted((a, b) => b.stats.meanDelay - a.stats.meanDelay);
  const chart = figure('Mean delay by day', ({ narrow, width }) => ({
    width,
    height: narrow ? 220 : 280,
    marginLeft: 32,
    marginRight: 4,
    marginBottom: 24,
    x: { type: 'band', domain: shown.map(({ time }) => time), padding: narrow || shown.length > 120 ? 0.12 : 0.2 },
    y: { nice: true },
    marks: [
      axisY({ tickSize: 0, label: 'minutes', ticks: 5 }),
      gridY({ ticks: 5, stroke: 'var(--grid)', strokeOpacity: 1 }),
      axisX({ tickSize: 0, label: null, ticks: monthStarts(shown), tickFormat: label, textAnchor: 'start' }),
      barY(shown, {
        x: day,
        y: mean,
        fill: ({ stats }) => delayColor(stats.meanDelay),
        title: ({ time, stats }) => `${dayOf(time * 24)}\n${statsLines(stats)}`,
      }),
      ruleY([0]),
      text(worst.slice(0, narrow ? 1 : 4), {
        x: day,
        y: mean,
        text: ({ time }) => dayOf(time * 24).slice(4),
        dy: -8,
        fill: 'var(--ink)',
      }),
    ],
  }));
  return html`${delayLegend()}${chart}`;
}

/** The first of each month, and the first day there is. */
function monthStarts(days: readonly TimeResult[]): number[] {
  return days.filter(({ time }, i) => i === 0 || hourDate(time * 24).getUTCDate() === 1).map(day);
}

function label(time: number): string {
  return MONTHS[hourDate(time * 24).getUTCMonth()]!;
}

function day({ time }: TimeResult): number {
  return time;
}

function mean({ stats }: TimeResult): number {
  return stats.meanDelay;
}
