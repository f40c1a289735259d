import { LATE_FROM } from '../DelayStats.ts';
import type { FlightsResult } from '../result.ts';
import { findings } from '../findings.ts';
import { count, counted, longDayOf, minutes, percent } from '../format.ts';
import { html, type Markup } from './html.ts';

/** The title, a warning where the run was cut short, the totals and what stands out. */
export function header(result: FlightsResult): Markup {
  return html`<header>
    <h1>When flights run late</h1>
    <p class="lead">${lead(result)}</p>
    ${partial(result)} ${tiles(result)}
    <ul class="findings">
      ${findings(result).map((finding) => html`<li>${finding}</li>`)}
    </ul>
  </header>`;
}

function lead({ rows, airports, hours }: FlightsResult): string {
  const [first, last] = [hours[0], hours.at(-1)];
  if (first === undefined || last === undefined) return 'No flights were read.';
  const span = `${longDayOf(first.time)} to ${longDayOf(last.time)}`;
  return `${counted(rows, 'flight')} from ${counted(airports.length, 'airport')} in the United States, ${span}.`;
}

function partial({ rows, partialOf, hours }: FlightsResult): Markup {
  if (partialOf === undefined) return html``;
  const last = hours.at(-1);
  const until = last === undefined ? '' : ` The file is in order of departure, so they end on ${longDayOf(last.time)}.`;
  return html`<p class="partial" role="alert">
    <strong>Partial result.</strong> The run was stopped after ${count(rows)} of ${count(partialOf)} flights
    (${percent(rows / partialOf)}). Everything below is about those flights only.${until}
  </p>`;
}

function tiles({ total, routes, cascades }: FlightsResult): Markup {
  if (total === undefined) return html``;
  const all = [
    [count(total.flights), 'flights'],
    [`${minutes(total.meanDelay)} min`, 'mean delay'],
    [`${count(total.p90Delay)} min`, 'p90: nine of ten were no later'],
    [percent(total.lateShare), `${LATE_FROM} minutes late or more`],
    [count(routes.length), 'routes'],
    [count(cascades.length), 'cascades'],
  ] as const;
  return html`<dl class="tiles">
    ${all.map(
      ([figure, label]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${figure}</dd>
        </div>`,
    )}
  </dl>`;
}
