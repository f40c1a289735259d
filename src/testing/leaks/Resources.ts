import { createHook } from 'node:async_hooks';
import type { Leak, Watch } from './Leak.ts';
import { Site } from './Site.ts';

/**
 * What `async_hooks` tells the making and the end of. Not those whose end is told only when they are collected as garbage
 * (`FILEHANDLE`, `DIRHANDLE`, `ZLIB`): the files among them are seen as descriptors.
 */
const TYPES: ReadonlySet<string> = new Set([
  'FSEVENTWRAP',
  'FSREQCALLBACK',
  'FSREQPROMISE',
  'GETADDRINFOREQWRAP',
  'GETNAMEINFOREQWRAP',
  'Immediate',
  'MESSAGEPORT',
  'PIPECONNECTWRAP',
  'PIPESERVERWRAP',
  'PIPEWRAP',
  'PROCESSWRAP',
  'QUERYWRAP',
  'SIGNALWRAP',
  'STATWATCHER',
  'TCPCONNECTWRAP',
  'TCPSERVERWRAP',
  'TCPWRAP',
  'Timeout',
  'UDPSENDWRAP',
  'UDPWRAP',
  'WORKER',
]);

/** Timers that Node.js keeps for a second after a request, without which the process may end: the date of HTTP, `fetch`. */
const HOUSEKEEPING = /node:internal\/(?:http:|deps\/undici)/;

/** How far back it is remembered what a resource was made on behalf of. */
const GENERATIONS = 4;

interface Resource {
  readonly type: string;
  readonly site: Site;
  /** On behalf of what it was made: a server that took a socket in, a tick that a call was put off to. */
  readonly maker: Resource | undefined;
  readonly generation: number;
}

/** Watches timers, sockets, servers, workers, child processes, signal handles and unfinished calls of the file system. */
export class Resources implements Watch {
  readonly #live = new Map<number, Resource>();
  readonly #hook;
  #isLooking = true;

  constructor() {
    const init = (id: number, type: string, trigger: number): void => {
      if (!this.#isLooking || type === 'PROMISE') return;
      const parent = this.#live.get(trigger);
      const generation = ((parent?.generation ?? -1) + 1) % GENERATIONS;
      // What goes on for ever must not be remembered for ever.
      const maker = parent === undefined || generation > 0 ? parent : { ...parent, maker: undefined };
      this.#live.set(id, { type, site: new Site(init), maker, generation });
    };
    this.#hook = createHook({ init, destroy: (id) => void this.#live.delete(id) }).enable();
  }

  /** Does something of its own, of which nothing counts. */
  unseen<R>(act: () => R): R {
    this.#isLooking = false;
    try {
      return act();
    } finally {
      this.#isLooking = true;
    }
  }

  leaks(): readonly Leak[] {
    return [...this.#live.values()].flatMap((resource) => {
      const { type, site } = resource;
      if (!TYPES.has(type) || (type === 'Timeout' && site.isWithin(HOUSEKEEPING))) return [];
      let origin: Resource | undefined = resource;
      while (origin.site.isOfNode && origin.maker !== undefined) origin = origin.maker;
      return origin.site.isOfRunner ? [] : [{ what: type, stack: origin.site.calls }];
    });
  }

  stop(): void {
    this.#hook.disable();
    this.#live.clear();
  }
}

/** Whether {@link Resources} sees what `process.getActiveResourcesInfo()` calls by this name. */
export function isSeenAsResource(name: string): boolean {
  return TYPES.has(name) || TYPES.has(name.toUpperCase().replace('SOCKET', ''));
}
