import { html, Markup } from './html.ts';
import { svg, type PlotOptions } from './plot.js';

/** A chart is drawn twice, so that its letters are as large on a phone as on a desk; the style shows one of the two. */
export interface Size {
  readonly narrow: boolean;
  readonly width: number;
}

const SIZES: readonly Size[] = [
  { narrow: false, width: 960 },
  { narrow: true, width: 340 },
];

/** Draws a chart for wide and for narrow screens. `label` says in words what it shows. */
export function figure(label: string, draw: (size: Size) => PlotOptions): Markup {
  const charts = SIZES.map((size) => {
    const chart = svg({ ariaLabel: label, ...draw(size), width: size.width, style: { fontSize: '12px' } });
    return html`<div class="${size.narrow ? 'narrow' : 'wide'}">${new Markup(chart)}</div>`;
  });
  return html`<figure>${charts}</figure>`;
}
