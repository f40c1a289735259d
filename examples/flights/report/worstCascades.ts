import { CASCADE_HOURS, CASCADE_MEAN } from '../cascades.ts';
import type { CascadeCourse, FlightsResult } from '../result.ts';
import { delayColor } from './delayColor.ts';
import { clock, count, counted, dayOf, minutes } from '../format.ts';
import { html, Markup } from './html.ts';
import { barY, ruleY, svg } from './plot.js';

/** The worst cascades as a table with a small chart of each. */
export function worstCascades({ worstCascades: worst, cascades, airports }: FlightsResult): Markup {
  if (worst.length === 0) return html`<p>No cascades.</p>`;
  const cities = new Map(airports.map(({ code, place }) => [code, place?.city ?? code]));
  const highest = Math.max(...worst.flatMap((cascade) => within(cascade).map(({ meanDelay = 0 }) => meanDelay)));
  const rows = worst.map((cascade, i) => row(i + 1, cascade, cities.get(cascade.airport)!, highest));
  return html`<table class="cascades">
      <thead>
        <tr>
          <th class="number">#</th>
          <th>Airport</th>
          <th>From, for</th>
          <th class="number">Flights</th>
          <th class="number">Mean delay</th>
          <th class="number">Hours lost</th>
          <th>Hour by hour</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="note">
      A cascade is ${CASCADE_HOURS} or more consecutive hours at one airport, each with a mean delay above
      ${CASCADE_MEAN} minutes; an hour without a flight ends it. There were ${count(cascades.length)}. The worst are
      those that cost the most time: the delays of all their flights added up. Charts share one scale and show six hours
      before and after, paler and cut off at the top; the line is at ${CASCADE_MEAN} minutes.
    </p>`;
}

function row(rank: number, cascade: CascadeCourse, city: string, highest: number): Markup {
  const { airport, start, hours, flights, meanDelay, delayMinutes } = cascade;
  return html`<tr>
    <td class="number rank">${rank}</td>
    <td class="airport"><strong>${airport}</strong> <span>${city}</span></td>
    <td class="when">${dayOf(start)}, ${clock(start)} <span>for ${hours} hours</span></td>
    <td class="number" data-label="flights">${count(flights)}</td>
    <td class="number" data-label="mean">${minutes(meanDelay)} min</td>
    <td class="number" data-label="h lost">${count(delayMinutes / 60)}</td>
    <td class="course">${new Markup(chart(cascade, city, highest))}</td>
  </tr>`;
}

function chart({ airport, start, hours, firstHour, course }: CascadeCourse, city: string, highest: number): string {
  const bars = course.map((entry, i) => ({ ...entry, hour: firstHour + i }));
  const inside = ({ hour }: { hour: number }) => hour >= start && hour < start + hours;
  return svg({
    ariaLabel: `Mean delay at ${airport} from ${clock(firstHour)}, hour by hour`,
    width: 240,
    height: 56,
    margin: 0,
    marginBottom: 1,
    clip: true,
    x: { type: 'band', domain: bars.map(({ hour }) => hour), padding: 0.12 },
    y: { domain: [0, highest] },
    axis: null,
    marks: [
      barY(bars, {
        x: ({ hour }) => hour,
        y: ({ meanDelay = 0 }) => Math.max(0, meanDelay),
        fill: ({ meanDelay = 0 }) => delayColor(meanDelay),
        fillOpacity: (bar: { hour: number }) => (inside(bar) ? 1 : 0.4),
        title: ({ hour, flights, meanDelay }) =>
          `${city}, ${dayOf(hour)} ${clock(hour)}\n${counted(flights, 'flight')}` +
          (meanDelay === undefined ? '' : `\nmean ${minutes(meanDelay)} min`),
      }),
      ruleY([CASCADE_MEAN], { stroke: 'var(--ink)', strokeOpacity: 0.5, strokeDasharray: '2 3' }),
      ruleY([0], { stroke: 'var(--ink)', strokeOpacity: 0.4 }),
    ],
  });
}

/** The hours of a cascade without those around it. */
function within({ course, firstHour, start, hours }: CascadeCourse): CascadeCourse['course'] {
  return course.slice(start - firstHour, start - firstHour + hours);
}
