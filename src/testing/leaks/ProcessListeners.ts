import type { Leak, Watch } from './Leak.ts';
import { nameOf } from './nameOf.ts';
import { Site } from './Site.ts';
import { surplus } from './surplus.ts';

type Listener = (...args: never[]) => unknown;

/** Watches the listeners of `process`, for signals, `exit`, `uncaughtException` and all else, and warnings of too many anywhere. */
export class ProcessListeners implements Watch {
  readonly #before: ReadonlyMap<string | symbol, readonly Listener[]>;
  readonly #sites = new WeakMap<Listener, Site>();
  readonly #warnings: Leak[] = [];

  constructor() {
    this.#before = listeners();
    process.on('newListener', this.#added);
    process.on('warning', this.#warned);
  }

  leaks(): readonly Leak[] {
    const own = new Set<unknown>([this.#added, this.#warned]);
    const left = [...listeners()].flatMap(([event, now]) =>
      surplus(this.#before.get(event) ?? [], now)
        .filter((listener) => !own.has(listener) && this.#sites.get(listener)?.isOfRunner !== true)
        .map((listener) => ({
          what: `listener for '${String(event)}' of process: ${nameOf(listener)}`,
          stack: this.#sites.get(listener)?.calls ?? '',
        })),
    );
    return [...left, ...this.#warnings];
  }

  stop(): void {
    process.off('newListener', this.#added);
    process.off('warning', this.#warned);
  }

  readonly #added = (_: string | symbol, listener: Listener): void => {
    this.#sites.set(listener, new Site(this.#added));
  };

  readonly #warned = (warning: Error): void => {
    if (warning.name !== 'MaxListenersExceededWarning') return;
    const calls = String(warning.stack)
      .split('\n')
      .filter((line) => /^\s+at (?!.*[( ]node:)/.test(line));
    this.#warnings.push({ what: warning.message, stack: calls.map((line) => line.trim()).join('\n') });
  };
}

/** All listeners of `process`, those for one time as they were given. */
function listeners(): Map<string | symbol, Listener[]> {
  return new Map(process.eventNames().map((event) => [event, process.listeners(event as 'exit') as Listener[]]));
}
