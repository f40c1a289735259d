/**
 * A feed in pages, of which only those are fetched that are wanted, and then asked again and again for what is new.
 *
 *     npm run example feed
 *
 * A web server on this machine has the earthquakes of a week, a hundred a page, newest first; now and then it has a new one. Prints the
 * strongest among the newest 250 with the number of pages that were fetched, what was new, and how often the server was asked for that.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { paginate, poll, run, type Page } from 'sluice';
import { concat, filter, mergeMap, take, tap } from 'rxjs';

interface Quake {
  readonly time: number;
  readonly mag: number;
  readonly place: string;
}

const file = await readFile(new URL('../data/earthquakes.json', import.meta.resolve('vega-datasets')), 'utf8');
const { features } = JSON.parse(file) as { features: { properties: Quake }[] };
const quakes = features
  .map(({ properties: { time, mag, place } }) => ({ time, mag, place }))
  .toSorted((a, b) => b.time - a.time);

const A_PAGE = 100;
const NEWEST = 250;
/** The last three have not happened yet; one more at each third question. */
const coming = quakes.splice(0, 3);
const asked = { pages: 0, news: 0 };

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here');
  if (pathname === '/news') {
    if (++asked.news % 3 === 0 && coming.length > 0) quakes.unshift(coming.pop()!);
    const after = Number(searchParams.get('after'));
    response.end(JSON.stringify(quakes.filter(({ time }) => time > after)));
    return;
  }
  asked.pages++;
  const from = Number(searchParams.get('from'));
  const items = quakes.slice(from, from + A_PAGE);
  const next = from + A_PAGE < quakes.length ? `/?from=${from + A_PAGE}` : null;
  response.end(JSON.stringify({ items, next }));
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function get<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(new URL(path, address), { signal });
  return (await response.json()) as T;
}

let newest = 0;
let strongest: Quake | undefined;
const known$ = paginate(async (path: string, { signal }) => get<Page<Quake, string>>(path, signal), {
  start: '/',
}).pipe(
  take(NEWEST),
  tap((quake) => {
    newest = Math.max(newest, quake.time);
    if (strongest === undefined || quake.mag > strongest.mag) strongest = quake;
  }),
  filter(() => false),
);
const news$ = poll(async (signal) => get<Quake[]>(`/news?after=${newest}`, signal), { every: 20 }).pipe(
  mergeMap((some) => some.toSorted((a, b) => a.time - b.time)),
  tap(({ time }) => (newest = Math.max(newest, time))),
  take(3),
);

const report = await run(concat(known$, news$.pipe(tap(({ mag, place }) => console.log(`new: ${mag}, ${place}`)))), {
  name: 'feed',
  quitOn: ['SIGINT', 'SIGTERM'],
}).done;
server.closeAllConnections();
server.close();
const pages = `${asked.pages} pages of ${Math.ceil(quakes.length / A_PAGE)}`;
if (strongest === undefined) console.log(`stopped before the first earthquake; ${pages}`);
else console.log(`strongest of the newest ${NEWEST}: ${strongest.mag}, ${strongest.place}; ${pages}`);
console.log(`${report.results} new ones, for which the server was asked ${asked.news} times`);
