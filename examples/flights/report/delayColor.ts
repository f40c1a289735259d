import { html, type Markup } from './html.ts';

/** Where one colour ends and the next begins, in minutes of mean delay. There are six colours, so five limits. */
export type Limits = readonly [number, number, number, number, number];

/** For hours, days and routes. */
const LIMITS: Limits = [0, 5, 10, 15, 30];

/** For airports, whose means over half a year lie closer together. */
export const AIRPORT_LIMITS: Limits = [0, 3, 6, 9, 12];

/** The colour of a mean delay, as a variable of the page's style, which has one for light and one for dark. */
export function delayColor(meanDelay: number, limits = LIMITS): string {
  return `var(--delay-${limits.filter((limit) => meanDelay >= limit).length})`;
}

/** The key to the colours. */
export function delayLegend(limits = LIMITS): Markup {
  const between = limits.slice(1).map((limit, i) => `${limits[i]}–${limit}`);
  const names = ['ahead of time', ...between, `${limits[4]} minutes and more`];
  const keys = names.map((name, i) => html`<li><i style="background: var(--delay-${i})"></i>${name}</li>`);
  return html`<ul class="legend" aria-label="Colours of mean delay">
    <li class="legend-title">Mean delay</li>
    ${keys}
  </ul>`;
}
