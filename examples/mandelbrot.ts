/**
 * The Mandelbrot set as a 4K picture, painted in tiles on all cores.
 *
 *     npm run example mandelbrot -- [--size 3840x2160] [--out out/mandelbrot.png]
 *
 * Prints how far it has come, the time, how busy the threads were, and the file. The tiles cost very different times, and no thread runs
 * out of work before the end. `SLUICE_THREADS=1` runs it on one thread, for comparison. After Ctrl-C nothing is written.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { fromIterable, run } from 'sluice';
import { parallel, ThreadPool } from 'sluice/parallel';
import { encode } from 'fast-png';
import { tap } from 'rxjs';
import { paint, type PaintedTile, type Tile } from './mandelbrot.task.ts';

const { size, out } = parseArgs({
  options: {
    size: { type: 'string', default: '3840x2160' },
    out: { type: 'string', default: 'out/mandelbrot.png' },
  },
}).values;

const [width = 0, height = 0] = /^(\d{1,4})x(\d{1,4})$/.exec(size)?.slice(1).map(Number) ?? [];
if (width === 0 || height === 0) {
  console.error('--size must be a width and a height in pixels, up to 9999x9999, such as 640x360');
  process.exit(1);
}

const SIDE = 96;

function* tiles(): Generator<Tile> {
  for (let top = 0; top < height; top += SIDE) {
    for (let left = 0; left < width; left += SIDE) {
      const own = { width: Math.min(SIDE, width - left), height: Math.min(SIDE, height - top) };
      yield { left, top, ...own, pictureWidth: width, pictureHeight: height };
    }
  }
}

const picture = new Uint8Array(width * height * 3);
const total = Math.ceil(width / SIDE) * Math.ceil(height / SIDE);
let painted = 0;

function put({ left, top, width: own, height: rows, pixels }: PaintedTile) {
  for (let y = 0; y < rows; y++) {
    picture.set(pixels.subarray(y * own * 3, (y + 1) * own * 3), ((top + y) * width + left) * 3);
  }
  const tenths = Math.floor((painted / total) * 10);
  painted++;
  if (Math.floor((painted / total) * 10) > tenths) console.log(`${Math.round((painted / total) * 100)} %`);
}

const threads = new ThreadPool();
const flow = fromIterable(tiles).pipe(parallel(paint, { threads, transfer: 'auto' }), tap(put));
const { elapsed, ended, stages } = await run(flow, { name: 'mandelbrot', quitOn: ['SIGINT', 'SIGTERM'] }).done;
await threads.close();

if (ended === 'completed') {
  const busy = stages.find(({ name }) => name === 'paint')!.busy / elapsed;
  const seconds = (elapsed / 1000).toFixed(1);
  console.log(
    `${total} tiles in ${seconds} s on ${threads.size} thread${threads.size === 1 ? '' : 's'}, at work ${Math.round(busy * 100)} % of the time`,
  );
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, encode({ width, height, data: picture, channels: 3 }));
  console.log(`${out}: ${width} x ${height} pixels`);
} else {
  console.log(`stopped after ${painted} of ${total} tiles; nothing was written`);
}
