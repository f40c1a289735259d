import { getEventListeners } from 'node:events';
import type { Leak, Watch } from './Leak.ts';
import { nameOf } from './nameOf.ts';
import { Site } from './Site.ts';
import { surplus } from './surplus.ts';

type AddListener = AbortSignal['addEventListener'];

/** Watches the listeners of one `AbortSignal`. */
export class AbortListeners implements Watch {
  readonly #signal: AbortSignal;
  readonly #before: readonly unknown[];
  readonly #sites = new WeakMap<object, Site>();
  readonly #add: AddListener;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#before = getEventListeners(signal, 'abort');
    const sites = this.#sites;
    const add = Reflect.get(signal, 'addEventListener') as (...args: unknown[]) => void;
    // So that it is known where a listener was added: EventTarget tells nobody.
    this.#add = function addEventListener(this: unknown, ...args: unknown[]): void {
      if (typeof args[1] === 'function') sites.set(args[1], new Site(addEventListener));
      Reflect.apply(add, this, args);
    };
    if (!Object.hasOwn(signal, 'addEventListener') && Object.isExtensible(signal))
      Object.defineProperty(signal, 'addEventListener', { value: this.#add, configurable: true, writable: true });
  }

  leaks(): readonly Leak[] {
    return surplus(this.#before, getEventListeners(this.#signal, 'abort')).map((listener: unknown) => ({
      what: `listener for 'abort' of a signal: ${nameOf(listener)}`,
      stack: this.#sites.get(listener as object)?.calls ?? '',
    }));
  }

  stop(): void {
    const own = Object.getOwnPropertyDescriptor(this.#signal, 'addEventListener');
    if (own?.value === this.#add) delete (this.#signal as Partial<AbortSignal>).addEventListener;
  }
}
