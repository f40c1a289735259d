import { task } from 'sluice/task';

/** A part of a picture of the set: where it lies in the picture, and how large the picture is. All in pixels. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly pictureWidth: number;
  readonly pictureHeight: number;
}

/** A tile with its pixels: three bytes each, red, green and blue, row by row. */
export interface PaintedTile extends Tile {
  readonly pixels: Uint8Array;
}

/** A point that has not escaped after so many steps is taken for one of the set. */
const STEPS = 1_000;
/** The middle of the picture in the plane of complex numbers, and the height of it. */
const MIDDLE = { re: -0.65, im: 0 };
const HEIGHT = 2.5;

/** Paints a tile. Inside the set a pixel costs a thousand steps, far outside it three or four: tiles cost very different times. */
export const paint = task(import.meta.url, 'paint', (tile: Tile): PaintedTile => {
  const { left, top, width, height, pictureWidth, pictureHeight } = tile;
  const pixels = new Uint8Array(width * height * 3);
  const scale = HEIGHT / pictureHeight;
  let at = 0;
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      const steps = escape(MIDDLE.re + (x - pictureWidth / 2) * scale, MIDDLE.im + (y - pictureHeight / 2) * scale);
      for (let channel = 0; channel < 3; channel++) pixels[at++] = shade(steps, channel);
    }
  }
  return { ...tile, pixels };
});

/** After how many steps of z := z² + c a point escapes, with a fraction so that colours have no edges; STEPS if it does not. */
function escape(re: number, im: number): number {
  let [x, y] = [0, 0];
  for (let step = 0; step < STEPS; step++) {
    const size = x * x + y * y;
    if (size > 256) return step + 1 - Math.log2(Math.log2(size) / 2);
    [x, y] = [x * x - y * y + re, 2 * x * y + im];
  }
  return STEPS;
}

/** From dark blue over white and orange to dark, again and again, ever slower; the set is black. */
function shade(steps: number, channel: number): number {
  if (steps >= STEPS) return 0;
  const turn = Math.log2(steps + 1) * 2.2 - channel * 0.55 - 2.6;
  return Math.round(127.5 + 127.5 * Math.sin(turn));
}
