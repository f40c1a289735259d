import { Site } from './Site.ts';
import type { Leak, Watch } from './Leak.ts';

/** Watches objects that are to be collected as garbage. */
export class Garbage implements Watch {
  readonly #kept: { readonly ref: WeakRef<object>; readonly name: string; readonly site: Site }[] = [];

  /** @throws Error if Node.js was not started with `--expose-gc`. */
  watch(object: object, name: string, caller: (...args: never[]) => unknown): void {
    if (typeof globalThis.gc !== 'function') {
      throw new Error('noLeaks(): to see whether an object is collected, start Node.js with --expose-gc');
    }
    this.#kept.push({ ref: new WeakRef(object), name, site: new Site(caller) });
  }

  leaks(): readonly Leak[] {
    if (this.#kept.length === 0) return [];
    globalThis.gc?.();
    return this.#kept
      .filter(({ ref }) => ref.deref() !== undefined)
      .map(({ name, site }) => ({ what: `${name}, which is still reachable; it was watched`, stack: site.calls }));
  }

  stop(): void {
    this.#kept.length = 0;
  }
}
