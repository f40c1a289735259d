import { Observable } from 'rxjs';
import { checkFunction, OptionReader } from '../core/options.ts';
import { Paging } from './Paging.ts';

/** One page, as the function given to {@link paginate} answers it. */
export interface Page<T, C> {
  /** What is on it, in order: an array, or any other iterable. */
  readonly items: Iterable<T>;
  /** What leads to the next page. `undefined` or `null`: there is none. */
  readonly next?: C | undefined | null;
}

/** What the function given to {@link paginate} is told besides the cursor. */
export interface PageContext {
  /** Aborts when the subscription ends while this page is being fetched. Made when first read. */
  readonly signal: AbortSignal;
  /** Which page it is, from 0. */
  readonly index: number;
}

/** The options of {@link paginate}. */
export interface PaginateOptions<C> {
  /** The cursor of the first page. Default `undefined`. */
  start?: C | undefined;
  /**
   * How many pages are fetched, one after the other, while items of the page before still wait to be sent: an integer of 0 or
   * more. Default 0: the next page is fetched when it is wanted.
   */
  prefetch?: number | undefined;
  /** Names the source in the report: 1 to 200 printable characters. Default `'paginate'`. */
  name?: string | undefined;
}

/**
 * Emits the items of page after page, and fetches a page when its items are wanted.
 *
 * ```
 * demand: o----o-o----o-o     o: the stage below takes one more
 * fetch:  1------2            each page takes 3 and has two items
 * result: ---a-b----c-d-|
 * ```
 *
 * - **Emits** the items of each page, in order.
 * - **Holds back**: while the gate below is closed no item is taken from a page, and with `prefetch: 0` no page is fetched. One
 *   page is fetched at a time. It holds the page whose items are being sent, and at most `prefetch` more.
 * - **Completes** after the last item of a page without `next`. Under `run`, a graceful end leaves the rest of the pages where
 *   it is.
 * - **Errors** with what the function throws or its promise rejects with, once all items of the pages before have been sent;
 *   and with a TypeError if a page has no `items`.
 * - **Cancels**: unsubscribing while a page is fetched aborts its `signal`, with an `AbortError` for its reason, and closes the
 *   iterator of the page that is being sent. An error that is not about that and comes later goes to `hooks.lateError`.
 *
 * Every subscription begins with the first page.
 *
 * @example
 * ```ts
 * const issues$ = paginate(async (url: string, { signal }) => {
 *   const response = await fetch(url, { signal });
 *   return { items: await response.json(), next: nextLink(response.headers.get('link')) };
 * }, { start: 'https://api.example.org/issues' });
 * issues$.pipe(take(500)).subscribe(show); // fetches no page more than it takes for 500
 * ```
 *
 * It costs a few nanoseconds an item more than {@link fromIterable}. It trusts `next`: a server whose cursor runs in a circle
 * is asked for ever.
 *
 * @see {@link unfold}, which emits one value a step, here a page as a whole. `expand` of RxJS, which fetches ahead of a slow
 * consumer without end.
 * @param fetchPage Called with the cursor of a page; gives the {@link Page}, or a promise of it.
 * @param options See {@link PaginateOptions}.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function paginate<T, C>(
  fetchPage: (cursor: C, context: PageContext) => Page<T, C> | PromiseLike<Page<T, C>>,
  options: PaginateOptions<C> & { start: C },
): Observable<T>;
export function paginate<T, C>(
  fetchPage: (cursor: C | undefined, context: PageContext) => Page<T, C> | PromiseLike<Page<T, C>>,
  options?: PaginateOptions<C>,
): Observable<T>;
export function paginate<T, C>(
  fetchPage: (cursor: C, context: PageContext) => Page<T, C> | PromiseLike<Page<T, C>>,
  options: PaginateOptions<C> = {},
): Observable<T> {
  checkFunction('paginate', 'fetchPage', fetchPage);
  const read = new OptionReader<PaginateOptions<C>>('paginate', options, ['start', 'prefetch', 'name']);
  const settings = {
    name: read.stageName('paginate'),
    start: read.get('start') as C,
    prefetch: read.count('prefetch', 0, 0),
  };
  return new Observable((subscriber) => new Paging(fetchPage, settings, subscriber).below.start());
}
