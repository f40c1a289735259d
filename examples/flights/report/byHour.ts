import type { FlightsResult, TimeResult } from '../result.ts';
import { delayColor, delayLegend } from './delayColor.ts';
import { figure } from './figure.ts';
import { clock, count, percent, statsLines } from '../format.ts';
import { html, type Markup } from './html.ts';
import { areaY, axisX, axisY, barY, cell, dot, gridY, lineY, ruleY, text, type Mark } from './plot.js';

/** The day of an airline begins at four: who leaves after midnight was meant to leave the evening before. */
const FIRST = 4;
/** Hours with fewer than this share of the flights say little about the others. */
const ENOUGH = 0.005;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Delay by hour of day: mean and p90 as lines, and each hour of the week as a square. */
export function byHour({ hoursOfDay, hoursOfWeek, total }: FlightsResult): Markup {
  const enough = (total?.flights ?? 0) * ENOUGH;
  const shown = hoursOfDay.filter(({ stats }) => stats.flights >= enough);
  const week = hoursOfWeek.filter(({ time }) => shown.some((hour) => hour.time === time % 24));
  const hours = shown.toSorted((a, b) => shifted(a) - shifted(b));
  return html`${dayChart(hours)}
    <h3>By day of the week and hour</h3>
    ${delayLegend()}${weekChart(week)}${leftOut(hoursOfDay, shown)}`;
}

function dayChart(hours: readonly TimeResult[]): Markup {
  return figure('Mean and p90 delay by hour of departure', ({ narrow, width }) => ({
    width,
    height: narrow ? 260 : 340,
    marginLeft: 36,
    padding: 0.15,
    x: { domain: hours.map(shifted), type: 'band' },
    y: { nice: true },
    marks: [
      axisY({ tickSize: 0, label: 'minutes', ticks: 6 }),
      gridY({ ticks: 6, stroke: 'var(--grid)', strokeOpacity: 1 }),
      hourAxis(narrow),
      areaY(hours, { x: shifted, y1: 0, y2: p90, fill: 'var(--track)', fillOpacity: 0.5 }),
      barY(hours, { x: shifted, y: mean, fill: ({ stats }) => delayColor(stats.meanDelay), rx: 1, title: tip }),
      ruleY([0]),
      lineY(hours, { x: shifted, y: p90, stroke: 'var(--ink)', strokeWidth: 1.5 }),
      dot(hours, { x: shifted, y: p90, r: narrow ? 2.5 : 4, fill: 'var(--ink)', stroke: 'var(--card)', title: tip }),
      text(hours.slice(-2, -1), { x: shifted, y: p90, text: () => 'p90', dx: -18, dy: -6, fill: 'var(--ink)' }),
    ],
  }));
}

function weekChart(week: readonly TimeResult[]): Markup {
  return figure('Mean delay by day of the week and hour of departure', ({ narrow, width }) => ({
    width,
    height: narrow ? 190 : 250,
    marginLeft: 36,
    marginTop: 4,
    padding: 0.06,
    x: { domain: [...new Set(week.map(shifted))].toSorted((a, b) => a - b), type: 'band' },
    y: { domain: [1, 2, 3, 4, 5, 6, 0], type: 'band' },
    marks: [
      hourAxis(narrow),
      axisY({ tickSize: 0, label: null, tickFormat: (day: number) => WEEKDAYS[day] }),
      cell(week, {
        x: shifted,
        y: weekday,
        rx: 2,
        fill: ({ stats }) => delayColor(stats.meanDelay),
        title: (hour) => `${WEEKDAYS[weekday(hour)]} ${tip(hour)}`,
      }),
    ],
  }));
}

function hourAxis(narrow: boolean): Mark {
  const every = narrow ? 6 : 3;
  return axisX({ tickSize: 0, label: null, tickFormat: (hour: number) => (hour % every === 0 ? clock(hour) : '') });
}

function leftOut(all: readonly TimeResult[], shown: readonly TimeResult[]): Markup {
  const missing = all.filter((hour) => !shown.includes(hour));
  if (missing.length === 0) return html``;
  const flights = missing.reduce((sum, { stats }) => sum + stats.flights, 0);
  const hours = missing.map(({ time }) => clock(time)).join(', ');
  return html`<p class="note">
    Left out: ${hours}, each with less than ${percent(ENOUGH)} of the flights, ${count(flights)} together. Who leaves at
    night was mostly meant to leave in the evening.
  </p>`;
}

/** The hour of the day, counted on past midnight until the airlines' day ends. */
function shifted({ time }: TimeResult): number {
  const hour = time % 24;
  return hour < FIRST ? hour + 24 : hour;
}

function weekday({ time }: TimeResult): number {
  return Math.floor(time / 24);
}

function mean({ stats }: TimeResult): number {
  return stats.meanDelay;
}

function p90({ stats }: TimeResult): number {
  return stats.p90Delay;
}

function tip(hour: TimeResult): string {
  return `${clock(hour.time)}–${clock(hour.time + 1)}\n${statsLines(hour.stats)}`;
}
