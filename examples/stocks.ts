/**
 * Five series of share prices, merged by date, replayed on a clock, and read by two at once.
 *
 *     npm run example stocks
 *
 * One reader draws a chart, which takes longer than a price is new, so it draws only the newest; the other gets every price, some time
 * later. Prints how many prices there were and whether they came in order, what was drawn, and how late the other reader was. A third
 * reader that is slow and wants everything would hold back both.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { broadcast, delay, fromIterable, latestMap, mergeSorted, run, ticker, zip } from 'sluice';
import { map, merge, tap } from 'rxjs';

/** A price at the beginning of a month. */
interface Price {
  readonly symbol: string;
  readonly date: number;
  readonly price: number;
}

const EVERY = 3;
const DRAWING = 20;
const LATER = 100;

const text = await readFile(new URL('../data/stocks.csv', import.meta.resolve('vega-datasets')), 'utf8');
const prices: Price[] = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [symbol = '', date = '', price = ''] = line.split(',');
    return { symbol, date: Date.parse(`${date} UTC`), price: Number(price) };
  });
const bySymbol = new Map<string, Price[]>();
for (const price of prices) bySymbol.set(price.symbol, [...(bySymbol.get(price.symbol) ?? []), price]);
const series = [...bySymbol.values()];

// Sorted, since each series is; a price each three milliseconds, and all that were missed if something held the clock up.
const sorted$ = mergeSorted(
  series.map((one) => fromIterable(one)),
  { by: ({ date }) => date },
);
const prices$ = zip(sorted$, ticker({ every: EVERY, missed: 'burst', burst: prices.length })).pipe(
  map(([price]) => price),
);

const sent = new Map<Price, number>();
let inOrder = true;
let last = -Infinity;
function note(price: Price): void {
  inOrder &&= price.date >= last;
  last = price.date;
  sent.set(price, performance.now());
}

const shared$ = prices$.pipe(tap(note), broadcast({ subscribers: 2, capacity: prices.length }));

const drawn: Price[] = [];
const chart$ = shared$.pipe(
  latestMap(async (price) => {
    await sleep(DRAWING);
    drawn.push(price);
  }),
);

let earliest = Infinity;
let received = 0;
const later$ = shared$.pipe(
  delay(LATER, { capacity: prices.length }),
  tap((price) => {
    received++;
    earliest = Math.min(earliest, performance.now() - sent.get(price)!);
  }),
);

const { ended } = await run(merge(chart$, later$), { name: 'stocks', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(`${sent.size} prices of ${series.length} shares, ${inOrder ? 'in order' : 'NOT in order'}, ${ended}`);
const newest = drawn.at(-1);
const month = newest === undefined ? 'nothing' : new Date(newest.date).toISOString().slice(0, 7);
console.log(
  `drawn: ${drawn.length < sent.size ? 'fewer than all' : 'all'}, and the last was the newest, ${month}: ${newest?.date === last ? 'yes' : 'no'}`,
);
console.log(
  `the other reader had ${received}, each ${LATER} ms later or more: ${earliest >= LATER - 1 ? 'yes' : 'no'}`,
);
