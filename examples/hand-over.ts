/**
 * The same flow handed to code that knows nothing of RxJS: a `for await` loop, a stream of Node.js, and one of the platform.
 *
 *     npm run example hand-over
 *
 * Prints how many airports each of them read, and how many lines were read of the file for it: the loop stops after ten, and with it
 * the reading.
 */
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { encodeNdjson, lines, quitSignal, toIterable, toReadable, toWeb } from 'sluice';
import { map, shareReplay, skip, takeUntil, tap } from 'rxjs';

const file = new URL('../data/airports.csv', import.meta.resolve('vega-datasets'));

/** Without `run` a flow ends on Ctrl-C if it says so itself. Those that are opened afterwards end at once. */
const quit$ = quitSignal().pipe(
  tap((signal) => (process.exitCode = signal === 'SIGINT' ? 130 : 143)),
  shareReplay({ bufferSize: 1, refCount: true }),
);

/** The airports, and how many lines have been read for them. */
function open() {
  const read = { lines: 0 };
  const airports$ = lines(file).pipe(
    tap(() => read.lines++),
    skip(1),
    map((line) => ({ code: line.slice(0, line.indexOf(',')) })),
    takeUntil(quit$),
  );
  return { read, airports$ };
}

const looped = open();
const first: string[] = [];
for await (const { code } of toIterable(looped.airports$)) {
  first.push(code);
  if (first.length === 10) break;
}
console.log(`for await: ${first.length} airports from ${first[0] ?? 'none'} on, ${looped.read.lines} lines read`);

const piped = open();
let texts = '';
await pipeline(
  toReadable(piped.airports$.pipe(encodeNdjson()), { objectMode: false }),
  createGzip(),
  createGunzip(),
  async (all) => {
    for await (const chunk of all) texts += String(chunk);
  },
);
console.log(`Readable: ${texts.split('\n').length - 1} airports through gzip and back, ${piped.read.lines} lines read`);

const served = open();
const encoder = new TextEncoder();
const bytes$ = served.airports$.pipe(
  encodeNdjson(),
  map((line) => encoder.encode(line)),
);
const body = await new Response(toWeb(bytes$)).text();
console.log(`Response: ${body.split('\n').length - 1} airports, ${served.read.lines} lines read`);
