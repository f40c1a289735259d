import { Observable } from 'rxjs';
import { demand, type Demand } from '../core/demand.ts';
import type { Gate } from '../core/gate.ts';

/**
 * The upper end of a flow in a test: a pausable source that counts what it produced and what the gate below it said.
 *
 * It gives `items` as fast as the gate lets it; `push` sends one more whatever the gate says, as a source does that cannot be
 * paused.
 *
 * @example
 * ```ts
 * const source = new ProbeSource([1, 2, 3, 4]);
 * const probe = new Probe<number>();
 * probe.close();
 * probe.subscribe(source.items$.pipe(buffered({ capacity: 2 })));
 * source.produced; // 2: as many as the buffer holds
 * ```
 */
export class ProbeSource<T> {
  /** Emits the items. One subscription at a time: the counts are those of all subscriptions together. */
  readonly items$: Observable<T>;
  /** How many items left it. */
  produced = 0;
  /** How many of them left while the gate below was closed: only `push` does that. */
  producedWhileClosed = 0;
  /** How many times it was subscribed. */
  subscriptions = 0;
  /** Whether it is subscribed now. */
  isSubscribed = false;
  #below: Demand<T> | undefined;
  #complete: (() => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;

  /** `completes` says whether it ends after the last item; otherwise `complete` or `fail` does. */
  constructor(items: Iterable<T> = [], completes = true) {
    this.items$ = new Observable<T>((subscriber) => {
      const iterator = items[Symbol.iterator]();
      this.subscriptions++;
      this.isSubscribed = true;
      this.#complete = () => subscriber.complete();
      this.#fail = (error) => subscriber.error(error);
      subscriber.add(() => (this.isSubscribed = false));
      demand(subscriber, { name: 'probe source' }, (below) => {
        this.#below = below;
        while (below.wants()) {
          const next = iterator.next();
          if (next.done === true) {
            if (completes) subscriber.complete();
            return;
          }
          this.#send(next.value);
        }
      });
    });
  }

  /** The gate below it, once it is subscribed. */
  get gate(): Gate | undefined {
    return this.#below?.below;
  }

  /** Sends an item whatever the gate says. */
  push(item: T): void {
    this.#send(item);
  }

  /** Ends the subscription as if there were no more items. */
  complete(): void {
    this.#complete?.();
  }

  /** Ends the subscription with an error. */
  fail(error: unknown): void {
    this.#fail?.(error);
  }

  #send(item: T): void {
    this.produced++;
    if (this.gate?.isOpen === false) this.producedWhileClosed++;
    this.#below?.send(item);
  }
}
