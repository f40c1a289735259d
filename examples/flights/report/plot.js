// Observable Plot draws into a DOM, which linkedom gives it outside a browser. This file is JavaScript with a declaration
// of its own because the types of both packages need TypeScript's DOM library, which would let browser globals pass for
// defined all over the project.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

export const { areaY, axisX, axisY, barX, barY, cell, dot, geo, gridX, gridY, lineY, ruleX, ruleY, text, tickX } = Plot;

const { document } = parseHTML('<!doctype html><html><body></body></html>');
const PLACES = / (?:d|points|transform|x|y|x1|x2|y1|y2|cx|cy|r|dx|dy|width|height)="[^"]*"/g;

/**
 * Draws a plot as SVG text, with coordinates to a tenth of a pixel.
 *
 * @param {Plot.PlotOptions} options
 * @returns {string}
 */
export function svg(options) {
  const drawn = Plot.plot({ ...options, document });
  return drawn.outerHTML.replace(PLACES, (/** @type {string} */ attribute) =>
    attribute.replace(/-?\d+\.\d\d+/g, tenth),
  );
}

/** @param {string} place */
function tenth(place) {
  return String(Math.round(Number(place) * 10) / 10);
}
