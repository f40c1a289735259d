import type { FlightsResult, RouteResult } from '../result.ts';
import { delayColor } from './delayColor.ts';
import { figure } from './figure.ts';
import { cityOf, count, minutes, statsLines } from '../format.ts';
import { html, type Markup } from './html.ts';
import { axisX, axisY, barX, gridX, ruleX, text, tickX } from './plot.js';

const SHOWN = 15;

/** The routes whose slowest tenth is the slowest, among those with a flight a day or more. */
export function worstRoutes({ routes, days }: FlightsResult): Markup {
  const daily = routes.filter(({ stats }) => stats.flights >= days.length);
  const worst = daily.toSorted((a, b) => b.stats.p90Delay - a.stats.p90Delay || b.stats.meanDelay - a.stats.meanDelay);
  const shown = worst.slice(0, SHOWN);
  const chart = figure('The worst routes: mean and p90 delay', ({ narrow, width }) => ({
    width,
    height: 40 + shown.length * 26,
    marginLeft: narrow ? 92 : 232,
    marginRight: narrow ? 28 : 40,
    x: { domain: [0, Math.max(...shown.map(p90), 1)], nice: true },
    y: { domain: shown.map(code), padding: 0.35 },
    marks: [
      axisX({ anchor: 'top', tickSize: 0, label: null, ticks: narrow ? 4 : 7 }),
      gridX({ ticks: narrow ? 4 : 7, stroke: 'var(--grid)', strokeOpacity: 1 }),
      axisY({
        tickSize: 0,
        label: null,
        tickFormat: (route: string, i: number) => (narrow ? route : cities(shown[i]!)),
      }),
      barX(shown, { y: code, x1: 0, x2: p90, fill: 'var(--track)', rx: 2, title: tip }),
      barX(shown, {
        y: code,
        x1: 0,
        x2: ({ stats }) => Math.max(0, stats.meanDelay),
        rx: 2,
        fill: ({ stats }) => delayColor(stats.meanDelay),
        title: tip,
      }),
      tickX(shown, { y: code, x: p90, stroke: 'var(--ink)', strokeWidth: 2, title: tip }),
      text(shown, { y: code, x: p90, text: ({ stats }) => count(stats.p90Delay), dx: 6, textAnchor: 'start' }),
      ruleX([0]),
    ],
  }));
  return html`${chart}
    <p class="note">
      Coloured bars end at the mean, ticks mark the p90, in minutes. Ranked by p90 among the ${count(daily.length)}
      routes with a flight a day or more, because a few wrong entries can move a mean (see the notes on the data).
    </p>`;
}

function cities({ from, to, fromPlace, toPlace }: RouteResult): string {
  return `${cityOf(fromPlace, from)} ${from} → ${cityOf(toPlace, to)} ${to}`;
}

function code({ from, to }: RouteResult): string {
  return `${from} → ${to}`;
}

function p90({ stats }: RouteResult): number {
  return stats.p90Delay;
}

function tip(route: RouteResult): string {
  const miles = route.miles === undefined ? '' : `, ${count(route.miles)} miles`;
  return `${cities(route)}${miles}\n${statsLines(route.stats)}\nmean ${minutes(route.stats.meanDelay)} min`;
}
