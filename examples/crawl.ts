/**
 * Crawls a web site on this machine: every page once, eight at a time, beginning no more than so many a second on each host.
 *
 *     npm run example crawl -- [--pages 300] [--rate 150]
 *
 * The site has pages of WordNet about words that have to do with dogs, on two hosts. Some are slow, some fail twice before they
 * answer, some have moved, one link leads nowhere and one in circles, and nearly all lead to pages that are known already. Where a page
 * has moved to is a link like any other, and takes its turn. Only what is tried again does not: it has waited already. Prints how many
 * pages were found and how many the site has given out, what could not be read, and the requests to each host.
 */
import { parseArgs } from 'node:util';
import { backoff, channel, dedupe, formatReport, rateLimit, run, workerPool, type DeadLetter } from 'sluice';
import { defer, retry, tap, throwError, timeout } from 'rxjs';
import { pagesOf } from './crawl/pages.ts';
import { Site } from './crawl/Site.ts';

const options = parseArgs({
  options: { pages: { type: 'string', default: '300' }, rate: { type: 'string', default: '150' } },
}).values;
const [pages, rate] = [Number(options.pages), Number(options.rate)];
if (!(Number.isInteger(pages) && pages >= 10 && pages <= 5_000) || !(Number.isInteger(rate) && rate >= 1)) {
  console.error(
    '--pages must be a whole number from 10 to 5000, and --rate one from 1 on (requests a second to each host)',
  );
  process.exit(1);
}

/** Something to follow. */
interface Link {
  readonly url: URL;
  /** The addresses that have sent it on, one to the next. */
  readonly via: readonly string[];
}

/** What a request found: a page, or where that is now. */
interface Found {
  readonly link: Link;
  readonly html: string;
  readonly moved?: URL;
}

class StatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answers ${status}`);
    this.status = status;
  }
}

const site = new Site(await pagesOf(pages));
const start = new URL(await site.listen());

// The links that nobody has followed yet. Whoever finds some is at work in the flow itself and cannot wait for room in it, so
// there is room for all that the pages may have.
const MOST_LINKS = 100_000;
/** How often a link may be sent on. */
const MOST_MOVES = 5;
const frontier = channel<Link>({ capacity: MOST_LINKS, name: 'frontier' });
let open = 0;
let tooMany = 0;

function visit(url: URL, via: readonly string[] = []): void {
  // It stays within the site.
  if (url.hostname !== start.hostname) return;
  // Counted first: the flow may have dealt with it before `trySend` returns.
  open++;
  if (frontier.trySend({ url, via }) === 'sent') return;
  tooMany++;
  settle();
}

/** A link has been dealt with. With the last one the crawl is over: there is nobody left who could find another. */
function settle(): void {
  if (--open === 0) frontier.close();
}

async function get(link: Link, signal: AbortSignal): Promise<Found> {
  // `fetch` would go on by itself, past the limit and to pages that are known.
  const response = await fetch(link.url, { signal, redirect: 'manual' });
  const html = await response.text();
  const location = response.headers.get('location');
  if (location !== null) return { link, html, moved: movedTo(link, location) };
  if (!response.ok) throw new StatusError(response.status);
  return { link, html };
}

function movedTo({ url, via }: Link, location: string): URL {
  const to = new URL(location, url);
  if (to.href === url.href || via.includes(to.href)) throw new Error(`it leads back to ${to.pathname}`);
  if (via.length === MOST_MOVES) throw new Error(`it has moved more than ${MOST_MOVES} times`);
  return to;
}

const wait = backoff({ initial: 20, max: 500 });
let retries = 0;
/** Only what may be better the next time is tried again. */
function again(error: unknown, count: number) {
  if (!(error instanceof StatusError && error.status === 503)) return throwError(() => error);
  retries++;
  return wait(error, count);
}

const lost: string[] = [];
function leaveOut({ item, error }: DeadLetter<Link>): void {
  const cause = error as Error & { cause?: Error };
  lost.push(`${item.url.pathname}: ${cause.cause?.message ?? cause.message}`);
  settle();
}

const found = new Map<string, string>();
function read({ link: { url, via }, html, moved }: Found): void {
  if (moved === undefined) {
    found.set(url.pathname, /<title>(.*?)<\/title>/.exec(html)?.[1] ?? '');
    for (const [, href] of html.matchAll(/<a href="([^"]*)"/g)) {
      const to = new URL(href!, url);
      to.hash = '';
      visit(to);
    }
  } else visit(moved, [...via, url.href]);
  settle();
}

visit(start);
const flow = frontier.pipe(
  dedupe({ key: ({ url }) => url.href, max: MOST_LINKS, onDrop: settle }),
  rateLimit({ limit: rate, per: 1_000, burst: 10, key: ({ url }) => url.host }),
  workerPool(
    (link, { signal }) => defer(async () => get(link, signal)).pipe(timeout(5_000), retry({ count: 4, delay: again })),
    {
      name: 'get',
      concurrency: 8,
      onError: { deadLetter: leaveOut },
    },
  ),
  tap(read),
);
const report = await run(flow, { name: 'crawl', quitOn: ['SIGINT', 'SIGTERM'] }).done;
await site.close();

const words = [...found.values()].slice(0, 8).join(', ');
const most = Math.max(...site.served.values());
const often = most > 1 ? `up to ${most} times each` : 'each once';
console.log(`${found.size} pages found, ${site.served.size} given out by the site, ${often}: ${words}, ...`);
console.log(`${retries} requests were tried again${tooMany === 0 ? '' : `, ${tooMany} links were too many`}`);
for (const line of lost) console.log(`not read: ${line}`);
const seconds = report.elapsed / 1_000;
for (const [host, count] of site.requests)
  console.log(`${host}: ${count} requests in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second`);
console.log(`\n${formatReport(report)}`);
