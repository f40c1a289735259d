import { readFileSync } from 'node:fs';
import { merge, mesh } from 'topojson-client';
import { files } from '../files.ts';
import type { AirportResult, FlightsResult } from '../result.ts';
import { AIRPORT_LIMITS, delayColor, delayLegend } from './delayColor.ts';
import { figure } from './figure.ts';
import { statsLines } from '../format.ts';
import { html, type Markup } from './html.ts';
import { dot, geo, text } from './plot.js';

/** The projection shows the fifty states; the islands that it lacks are named below the map instead. */
const OFF_MAP = new Set(['PR', 'VI', 'GU', 'AS', 'MP']);

/** A map of the airports, sized by flights and coloured by mean delay. */
export function airportMap({ airports }: FlightsResult): Markup {
  const placed = airports.filter(({ place }) => place !== undefined && !OFF_MAP.has(place.state));
  const drawn = placed.toSorted((a, b) => b.stats.flights - a.stats.flights);
  const { land, borders } = country();
  const places = { x: longitude, y: latitude };
  const map = figure('Map of the airports, sized by flights and coloured by mean delay', ({ narrow, width }) => ({
    width,
    height: Math.round(width * 0.625),
    projection: { type: 'albers-usa', inset: narrow ? 2 : 8 },
    r: { type: 'sqrt', domain: [0, drawn[0]?.stats.flights ?? 1], range: [narrow ? 1 : 2, narrow ? 11 : 24] },
    marks: [
      geo(land, { fill: 'var(--land)' }),
      geo(borders, { stroke: 'var(--card)', strokeWidth: narrow ? 0.5 : 1 }),
      dot(drawn, {
        ...places,
        r: ({ stats }) => stats.flights,
        fill: ({ stats }) => delayColor(stats.meanDelay, AIRPORT_LIMITS),
        stroke: 'var(--card)',
        strokeWidth: narrow ? 0.5 : 1,
        title: (airport) => `${nameOf(airport)}\n${statsLines(airport.stats)}`,
      }),
      text(drawn.slice(0, narrow ? 4 : 12), {
        ...places,
        text: ({ code }) => code,
        fill: 'var(--on-dot)',
        fontWeight: 600,
        fontSize: narrow ? 8 : 11,
        pointerEvents: 'none',
      }),
    ],
  }));
  return html`${delayLegend(AIRPORT_LIMITS)}${map}${offMap(airports)}`;
}

function offMap(airports: readonly AirportResult[]): Markup {
  const missing = airports.filter(({ place }) => place === undefined || OFF_MAP.has(place.state));
  if (missing.length === 0) return html``;
  return html`<p class="note">Not on the map: ${missing.map(nameOf).join('; ')}.</p>`;
}

function nameOf({ code, place }: AirportResult): string {
  return place === undefined ? code : `${place.city}, ${place.state} (${code})`;
}

function longitude({ place }: AirportResult): number | undefined {
  return place?.longitude;
}

function latitude({ place }: AirportResult): number | undefined {
  return place?.latitude;
}

/** The outline of the country, and the lines between its states. */
function country() {
  const topology = JSON.parse(readFileSync(files.states, 'utf8')) as Parameters<typeof mesh>[0];
  const { states } = topology.objects as { states: Exclude<Parameters<typeof mesh>[1], undefined> };
  const { geometries } = states as unknown as { geometries: Parameters<typeof merge>[1] };
  return { land: merge(topology, geometries), borders: mesh(topology, states, (a, b) => a !== b) };
}
