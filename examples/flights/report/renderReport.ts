import { readFileSync } from 'node:fs';
import type { FlightsResult } from '../result.ts';
import { airportMap } from './airportMap.ts';
import { byDay } from './byDay.ts';
import { byHour } from './byHour.ts';
import { header } from './header.ts';
import { html, Markup } from './html.ts';
import { method, type RunFacts } from './method.ts';
import { slowestAirports } from './slowestAirports.ts';
import { worstCascades } from './worstCascades.ts';
import { worstRoutes } from './worstRoutes.ts';

/** Writes the result as one HTML page that needs no other file and no network. */
export function renderReport(result: FlightsResult, run?: RunFacts): string {
  const empty = result.total === undefined;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${result.partialOf === undefined ? '' : 'Partial: '}When flights run late</title>
        <style>
          ${asset('report.css')}
        </style>
      </head>
      <body>
        ${header(result)}
        <main>${empty ? undefined : charts(result)} ${section('How it was computed', '', method(result, run))}</main>
        <script>
          ${asset('tooltips.js')};
        </script>
      </body>
    </html>`;
  return page.text;
}

function charts(result: FlightsResult): Markup[] {
  const where = 'Each airport by the flights that left it: the larger, the more; the redder, the later they arrived.';
  const hour =
    'Delays add up until the evening. By hour of departure, on the clock of the airport: bars are means, the line is the p90.';
  const day = 'Mean delay of each day.';
  const routes = 'From one airport to another, the slowest tenth of the flights was at least this late.';
  const cascades = 'Hours in which an airport could not recover.';
  return [
    section('Where', where, html`${airportMap(result)}${slowestAirports(result)}`),
    section('At what hour', hour, byHour(result)),
    section('On what day', day, byDay(result)),
    section('On which routes', routes, worstRoutes(result)),
    section('The worst cascades', cascades, worstCascades(result)),
  ];
}

function section(title: string, lead: string, body: Markup): Markup {
  return html`<section>
    <h2>${title}</h2>
    ${lead === '' ? undefined : html`<p class="lead">${lead}</p>`} ${body}
  </section>`;
}

function asset(name: string): Markup {
  return new Markup(readFileSync(new URL(name, import.meta.url), 'utf8'));
}
