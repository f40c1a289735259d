import type { AirportResult, FlightsResult } from '../result.ts';
import { AIRPORT_LIMITS, delayColor } from './delayColor.ts';
import { count, minutes, percent } from '../format.ts';
import { html, type Markup } from './html.ts';

const SHOWN = 8;
/** An airport is large with this share of all flights: 10,000 of 3,000,000. */
const LARGE = 1 / 300;

/** The large airports with the highest and the lowest mean delay, as two tables. */
export function slowestAirports({ airports, total }: FlightsResult): Markup {
  const limit = (total?.flights ?? 0) * LARGE;
  const large = airports.filter(({ stats }) => stats.flights >= limit);
  const slowest = large.toSorted((a, b) => b.stats.meanDelay - a.stats.meanDelay);
  const shown = Math.min(SHOWN, Math.floor(large.length / 2));
  return html`<div class="pair">
      ${table('Slowest', slowest.slice(0, shown))} ${table('Most punctual', slowest.toReversed().slice(0, shown))}
    </div>
    <p class="note">Of the ${large.length} airports with ${count(limit)} flights or more.</p>`;
}

function table(title: string, airports: readonly AirportResult[]): Markup {
  const rows = airports.map(
    ({ code, place, stats }) =>
      html`<tr>
        <td>
          <i class="spot" style="background: ${delayColor(stats.meanDelay, AIRPORT_LIMITS)}"></i
          ><strong>${code}</strong>
          <span>${place?.city}</span>
        </td>
        <td class="number">${minutes(stats.meanDelay)}</td>
        <td class="number">${count(stats.p90Delay)}</td>
        <td class="number">${percent(stats.lateShare)}</td>
      </tr>`,
  );
  return html`<table>
    <thead>
      <tr>
        <th>${title}</th>
        <th class="number">mean</th>
        <th class="number">p90</th>
        <th class="number">late</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
