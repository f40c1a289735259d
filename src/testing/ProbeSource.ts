import { Observable } from 'rxjs';
import { demand, type Demand } from '../core/demand.ts';
import { wrongType } from '../core/errors.ts';
import type { Gate } from '../core/gate.ts';
import { holds } from '../core/options.ts';

/**
 * Begins a flow in a test: a pausable source that counts what it produced, and what of that while the gate below was closed.
 *
 * - **Emits** its items as fast as the gate below lets it; `push` sends one more whatever the gate says, as a source does
 *   that cannot be paused.
 * - **Holds back** while the gate below is closed: then it makes no item. It holds nothing.
 * - **Completes** after the last item, unless it is told not to, and with `complete`.
 * - **Errors** with `fail`, and with what the items throw. When it ends early, it calls the iterator's `return()`.
 *
 * @example
 * ```ts
 * const source = new ProbeSource([1, 2, 3, 4]);
 * const probe = new Probe<number>();
 * probe.close();
 * probe.subscribe(source.items$.pipe(buffered({ capacity: 2 })));
 * source.produced; // 2: as many as the buffer holds
 * ```
 *
 * @see `fromIterable`, which is this for programs. {@link Probe}, the lower end of a flow. `expectGate` of {@link marbles}, which
 * compares the gate that this source sees with a drawing.
 */
export class ProbeSource<T> {
  /**
   * Emits the items, from the first one for each subscription. One subscription at a time: the counts are those of all
   * together, and `push`, `complete` and `fail` go to the last.
   */
  readonly items$: Observable<T>;
  /** How many items left it. */
  produced = 0;
  /** How many of them left while the gate below was closed: only `push` does that. */
  producedWhileClosed = 0;
  /** How many times it was subscribed. */
  subscriptions = 0;
  #live = 0;
  #below: Demand<T> | undefined;
  #end: { complete(): void; error(error: unknown): void } | undefined;

  /**
   * @param items What to emit. Default: nothing.
   * @param completes Whether to complete after the last item. Otherwise `complete` or `fail` ends it. Default `true`.
   * @throws TypeError if `items` is no iterable or `completes` neither `true` nor `false`.
   */
  constructor(items: Iterable<T> = [], completes = true) {
    if (!holds(() => typeof items[Symbol.iterator] === 'function'))
      throw wrongType('ProbeSource', 'items', 'an iterable', items);
    if (typeof completes !== 'boolean') throw wrongType('ProbeSource', 'completes', 'true or false', completes);
    const settings = { name: 'probe source' };
    this.items$ = new Observable<T>((subscriber) => {
      const iterator = items[Symbol.iterator]();
      let isOver = false;
      let isPulling = false;
      const close = (): void => {
        // A generator cannot be closed from within its own code; it is when it has yielded.
        if (isOver || isPulling) return;
        isOver = true;
        iterator.return?.();
      };
      this.subscriptions++;
      this.#live++;
      this.#end = subscriber;
      this.#below = undefined;
      subscriber.add(() => this.#live--);
      subscriber.add(close);
      demand(subscriber, settings, (below) => {
        this.#below = below;
        while (!isOver && below.wants()) {
          // Stays set if `next` throws: such an iterator is over.
          isPulling = true;
          const next = iterator.next();
          isPulling = false;
          if (next.done === true) isOver = true;
          else if (subscriber.closed) close();
          else this.#send(below, next.value);
        }
        if (isOver && completes) subscriber.complete();
      });
    });
  }

  /** Whether it is subscribed now. */
  get isSubscribed(): boolean {
    return this.#live > 0;
  }

  /** The gate below it, once it is subscribed; after the end still that of the last subscription. */
  get gate(): Gate | undefined {
    return this.#below?.below;
  }

  /**
   * Sends an item whatever the gate says, and counts it. While nothing is subscribed it does neither, and gives `false`.
   */
  push(item: T): boolean {
    if (!this.isSubscribed || this.#below === undefined) return false;
    this.#send(this.#below, item);
    return true;
  }

  /** Ends the subscription as if there were no more items. Does nothing if there is none. */
  complete(): void {
    this.#end?.complete();
  }

  /** Ends the subscription with an error. Does nothing if there is none. */
  fail(error: unknown): void {
    this.#end?.error(error);
  }

  #send(below: Demand<T>, item: T): void {
    this.produced++;
    if (!below.below.isOpen) this.producedWhileClosed++;
    below.send(item);
  }
}
