import type { Subscriber } from 'rxjs';
import { Demand } from '../core/demand.ts';
import { wrongType } from '../core/errors.ts';
import { Ring } from '../core/ring.ts';
import type { Page, PageContext } from './paginate.ts';
import { PageItems } from './PageItems.ts';
import { PendingCall } from './PendingCall.ts';

/** The checked options of `paginate`. */
export interface PagingSettings<C> {
  readonly name: string;
  readonly start: C;
  readonly prefetch: number;
}

/** One subscription of `paginate`: the page that is being sent, those fetched ahead, and the one being fetched. */
export class Paging<T, C> {
  readonly below: Demand<T>;
  readonly #fetch: (cursor: C, context: PageContext) => Page<T, C> | PromiseLike<Page<T, C>>;
  readonly #subscriber: Subscriber<T>;
  readonly #prefetch: number;
  readonly #ready = new Ring<Iterable<T>>();
  #items: PageItems<T> | undefined;
  #call: PendingCall | undefined;
  /** What leads to the page that is to be fetched next, if there is one. */
  #cursor: { readonly value: C } | undefined;
  #index = 0;
  #failure: { readonly error: unknown } | undefined;
  #isProducing = false;

  constructor(
    fetch: (cursor: C, context: PageContext) => Page<T, C> | PromiseLike<Page<T, C>>,
    settings: PagingSettings<C>,
    subscriber: Subscriber<T>,
  ) {
    this.#fetch = fetch;
    this.#subscriber = subscriber;
    this.#prefetch = settings.prefetch;
    this.#cursor = { value: settings.start };
    this.below = new Demand(subscriber, { name: settings.name, definition: settings }, () => this.#produce());
    subscriber.add(() => {
      this.#call?.abort();
      this.#items?.close(this.below);
      this.#ready.clear();
      // What has waited for items in front of it comes too late now.
      if (this.#failure !== undefined) this.below.fail(this.#failure.error);
    });
  }

  #produce(): void {
    if (this.#isProducing) return;
    this.#isProducing = true;
    try {
      while (this.#advance());
    } catch (error) {
      // What the iterator of a page throws.
      this.below.fail(error);
    } finally {
      this.#isProducing = false;
    }
  }

  /** Makes one step, and says whether to make another. */
  #advance(): boolean {
    if (this.#index > 0) this.#fetchAhead();
    if (this.#endIfOver() || !this.below.wants()) return false;
    if (this.#items !== undefined) {
      this.#sendItem(this.#items);
      return true;
    }
    if (this.#ready.length > 0) {
      this.#items = new PageItems(this.#ready.shift() as Iterable<T>);
      return true;
    }
    if (this.#call !== undefined) return false;
    this.#fetchNext();
    return this.#call === undefined;
  }

  /** Ends when nothing is left to be sent; that needs no open gate. */
  #endIfOver(): boolean {
    if (this.#items !== undefined || this.#ready.length > 0 || this.#call !== undefined) return false;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) this.below.fail(failure.error);
    else if (this.#cursor === undefined) this.#subscriber.complete();
    else return false;
    return true;
  }

  #sendItem(items: PageItems<T>): void {
    const since = this.below.making();
    const result = items.next();
    this.below.made(since);
    if (result.done === true) this.#items = undefined;
    // Its own code may have ended the subscription: a generator cannot be closed from within.
    else if (this.#subscriber.closed) items.close(this.below);
    else this.below.send(result.value);
  }

  #fetchAhead(): void {
    while (
      this.#ready.length < this.#prefetch &&
      this.#call === undefined &&
      this.#cursor !== undefined &&
      !this.#subscriber.closed
    ) {
      this.#fetchNext();
    }
  }

  #fetchNext(): void {
    const cursor = this.#cursor!.value;
    const index = this.#index++;
    const call = (this.#call = new PendingCall(this.below));
    const context: PageContext = {
      index,
      get signal() {
        return call.signal;
      },
    };
    call.run(
      () => this.#fetch(cursor, context),
      (page) => this.#arrived(page),
      (error) => this.#failed(error),
    );
  }

  #arrived(page: Page<T, C>): void {
    try {
      // Each is read once: a getter may say something else the next time.
      const items: unknown = page?.items;
      const next = page?.next;
      checkItems(items);
      this.#ready.push(items as Iterable<T>);
      this.#cursor = next === undefined || next === null ? undefined : { value: next };
    } catch (error) {
      return this.#failed(error);
    }
    this.#call = undefined;
    this.#produce();
  }

  #failed(error: unknown): void {
    this.#call = undefined;
    this.#cursor = undefined;
    this.#failure = { error };
    this.#produce();
  }
}

function checkItems(items: unknown): void {
  const isIterable = typeof items === 'object' && items !== null && Symbol.iterator in items;
  if (!isIterable) throw wrongType('paginate', 'items of a page', 'an array or another iterable object', items);
}
